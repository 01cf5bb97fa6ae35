// Puts the address of this server where the page has a place for it.
for (const element of document.querySelectorAll("[data-origin]")) {
  const place = element.dataset.origin;
  const code = element.firstElementChild;
  if (!code) element.textContent = location.origin;
  else code.textContent = code.textContent.replaceAll(place, location.origin);
}
