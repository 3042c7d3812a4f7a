/** Barcode reading from a camera picture or a file; the decoder is our own copy, never a far server's. */
import { BarcodeDetector, setZXingModuleOverrides } from "barcode-detector/ponyfill";

/** Say where the decoder lies; call once before the first `detect`. @param {string} url of the .wasm file */
export function decoderAt(url) {
  setZXingModuleOverrides({ locateFile: (path, prefix) => (path.endsWith(".wasm") ? url : prefix + path) });
}

export { BarcodeDetector };
