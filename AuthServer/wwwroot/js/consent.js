// Ticking a scope ticks and locks the one that it implies, and says beside that why. The server applies the same rule without this script.
for (const box of document.querySelectorAll("input[data-implies]")) {
  const implied = document.getElementById(box.dataset.implies);
  if (!implied) {
    continue;
  }

  const follow = () => {
    if (box.checked) {
      implied.checked = true;
    }

    implied.disabled = box.checked;
    document.getElementById(`${implied.id}-implied`).hidden = !box.checked;
  };

  box.addEventListener("change", follow);
  follow();
}
