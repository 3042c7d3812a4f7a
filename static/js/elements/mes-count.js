/**
 * `<mes-count>` counts with big buttons. Inside: an input in each `.stepper`; `data-step="-1"` or `"10"` adds to the
 * input of its stepper (or of `data-for="id"`), `data-fill="22"` sets it, `data-key="7"` (also `del`) types into the
 * input that had the focus last. Nothing goes below zero; the server checks the rest.
 */
export class CountField extends HTMLElement {
  #last = null;
  #fresh = true;

  connectedCallback() {
    this.addEventListener("click", this.#press);
    this.addEventListener("focusin", ({ target }) => this.#choose(target));
  }

  #choose(target) {
    if (!target.matches("input[inputmode]") || target === this.#last) return;
    this.#last = target;
    this.#fresh = true;
    target.select();
  }

  #press = ({ target }) => {
    const button = target.closest("[data-step], [data-fill], [data-key]");
    if (!button) return;
    const input = this.#input(button);
    if (button.dataset.step) this.#set(input, String(Math.max(0, sum(input.value, button.dataset.step))));
    else if (button.dataset.fill) this.#set(input, button.dataset.fill);
    else this.#type(input, button.dataset.key);
  };

  #input(button) {
    const named = button.dataset.for && document.getElementById(button.dataset.for);
    const near = !button.dataset.key && (button.closest(".stepper") ?? this).querySelector("input[inputmode]");
    return named || near || this.#last || this.querySelector("input[inputmode]");
  }

  #type(input, key) {
    this.#last = input;
    const before = this.#fresh || input.value === "0" ? "" : input.value;
    this.#fresh = false;
    this.#set(input, key === "del" ? input.value.slice(0, -1) || "0" : before + key);
  }

  #set(input, value) {
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** Add two decimals of at most six places without the dust of binary fractions. */
function sum(value, step) {
  return Number(((Number(value) || 0) + Number(step)).toFixed(6));
}
customElements.define("mes-count", CountField);
