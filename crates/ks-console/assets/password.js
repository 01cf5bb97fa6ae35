// Sets a password with the key that a mail carries behind the `#`, which browsers send nowhere.
const form = document.getElementById("set");
const key = document.getElementById("key");
const password = document.getElementById("password");
const told = document.getElementById("told");
const factor = document.getElementById("factor");

const mailed = decodeURIComponent(location.hash.slice(1));
if (mailed) {
  key.value = mailed;
  document.getElementById("filled").hidden = false;
  // Out of sight, and out of the history.
  history.replaceState(null, "", location.pathname);
  password.focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  told.textContent = "…";
  try {
    const body = new URLSearchParams({ format: "1", hashKey: key.value.trim(), newPassword: password.value });
    const response = await fetch("/api_v3/service/user/action/setInitialPassword", { method: "POST", body });
    const answer = await response.json();
    if (answer?.objectType === "KalturaAPIException") {
      told.textContent = answer.message;
    } else {
      form.hidden = true;
      told.textContent = "The password is set. You can log in with it now.";
      if (answer?.qrCode) {
        factor.querySelector("img").src = `data:image/png;base64,${answer.qrCode}`;
        factor.hidden = false;
      }
    }
  } catch {
    told.textContent = "The server did not answer. Try again.";
  } finally {
    button.disabled = false;
  }
});
