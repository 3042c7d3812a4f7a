/** htmx with morphing swaps. Its settings come from the page's `htmx-config` meta tag: no eval, no script tags. */
import htmx from "htmx.org";
import "idiomorph/dist/idiomorph-ext.esm.js";

window.htmx = htmx; // tests and the extension look for it here

export default htmx;
