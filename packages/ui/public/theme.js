// Runs before the first paint, so it cannot wait for the bundle: the key and its values are those of src/app/theme.ts.
(function () {
  var choice = null;
  try {
    choice = localStorage.getItem("binnacle.theme");
  } catch {
    // Storage may be forbidden; the system's preference then decides.
  }
  var isDark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
})();
