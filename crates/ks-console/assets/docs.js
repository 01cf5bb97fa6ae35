// On a narrow page the contents start closed, so that what was asked for comes first.
const narrow = matchMedia("(max-width: 52rem)");

export function fold() {
  for (const menu of document.querySelectorAll(".menu")) menu.open = !narrow.matches;
}
narrow.addEventListener("change", fold);
fold();
