/*
 * What the browser keeps for the widget: the session and the preferences for all tabs, the draft and the unsent messages for one
 * tab. Storage may be forbidden or full: then everything still works, until the page is left.
 */

const memory = new Map();

function keep(area, key) {
  const name = `leerwijzer:${key}`;
  return {
    name,
    read() {
      try {
        const text = area().getItem(name);
        return text === null ? memory.get(name) ?? null : JSON.parse(text);
      } catch {
        return memory.get(name) ?? null;
      }
    },
    write(value) {
      memory.set(name, value);
      try {
        area().setItem(name, JSON.stringify(value));
      } catch {
        /* kept in memory */
      }
    },
    clear() {
      memory.delete(name);
      try {
        area().removeItem(name);
      } catch {
        /* nothing was kept */
      }
    },
  };
}

/** A value that all tabs of this site share. */
export const shared = (key) => keep(() => window.localStorage, key);

/** A value of this tab alone, that survives a reload. */
export const ofTab = (key) => keep(() => window.sessionStorage, key);

/** Runs `work` while no other tab runs work under the same name, where the browser can do that. */
export function alone(name, work) {
  return navigator.locks ? navigator.locks.request(name, work) : work();
}

/** An unguessable id, also on a page without https. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
