// On a narrow page the contents start closed, so that what was asked for comes first.
if (matchMedia("(max-width: 52rem)").matches) {
  for (const menu of document.querySelectorAll(".menu")) menu.open = false;
}
