// Sets a password, or a second factor, with the key that a mail carries behind the `#`, which browsers send nowhere.
import { open } from "./call.js";

const form = document.getElementById("set");
const key = document.getElementById("key");
const password = document.getElementById("password");
const told = document.getElementById("told");
const factor = document.getElementById("factor");
const renew = document.getElementById("renew");

const mailed = decodeURIComponent(location.hash.slice(1));
if (mailed) {
  key.value = mailed;
  document.getElementById("filled").hidden = false;
  // Out of sight, and out of the history.
  history.replaceState(null, "", location.pathname);
  password.focus();
}

const picture = (image) => {
  factor.querySelector("img").src = `data:image/png;base64,${image}`;
  factor.hidden = false;
};

/** Uses the key up: afterwards the form has nothing more to offer. */
async function use(work, done) {
  const buttons = form.querySelectorAll("button");
  buttons.forEach((button) => { button.disabled = true; });
  told.textContent = "…";
  try {
    const answer = await work();
    form.hidden = true;
    password.value = "";
    told.textContent = done;
    return answer;
  } catch (error) {
    told.textContent = error.code === "NO_ANSWER" ? "The server did not answer. Try again." : error.message;
    return undefined;
  } finally {
    buttons.forEach((button) => { button.disabled = false; });
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const wanted = { hashKey: key.value.trim(), newPassword: password.value };
  const answer = await use(() => open("user.setInitialPassword", wanted), "The password is set. You can log in with it now.");
  if (answer?.qrCode) picture(answer.qrCode);
});

renew.addEventListener("click", async () => {
  if (!key.reportValidity()) return;
  const image = await use(() => open("user.generateQrCode", { hashKey: key.value.trim() }), "The password stays as it was. Codes of the old authenticator are refused from now on.");
  if (image) picture(image);
});
