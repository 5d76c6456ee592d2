/* The desk works as plain pages and forms; this makes it live. */

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());

// htmx swaps notices in; a screen reader is led there.
document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id === "notice") detail.target.focus();
});
