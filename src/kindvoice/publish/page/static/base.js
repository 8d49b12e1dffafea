// Before anything is drawn: scripts run here, and this is the theme that the listener chose last time.
// What the other scripts share is in `kindvoice`.
(function () {
  "use strict";

  // Without storage, or when it is full, nothing is kept and nothing breaks.
  const memory = {
    get(name) {
      try { return localStorage.getItem("kindvoice:" + name); } catch { return null; }
    },
    set(name, value) {
      try { localStorage.setItem("kindvoice:" + name, value); } catch { /* as above */ }
    },
    drop(name) {
      try { localStorage.removeItem("kindvoice:" + name); } catch { /* as above */ }
    },
    // Seconds into the recording of that key; 0 when none are kept.
    place(key) {
      const seconds = Number(this.get("at:" + key));
      return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
    },
  };

  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

  function clock(seconds) {
    const whole = Math.floor(seconds);
    const two = (n) => String(n).padStart(2, "0");
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor(whole / 60) % 60;
    return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
  }

  const root = document.documentElement;
  root.classList.add("scripted");
  const theme = memory.get("theme");
  if (theme === "dark" || theme === "light") root.dataset.theme = theme;

  function setUpTheme() {
    const button = document.getElementById("theme");
    const system = matchMedia("(prefers-color-scheme: dark)");
    const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
    const show = () => button.setAttribute("aria-pressed", String(dark()));
    button.addEventListener("click", () => {
      root.dataset.theme = dark() ? "light" : "dark";
      memory.set("theme", root.dataset.theme);
      show();
    });
    system.addEventListener("change", show);
    show();
    button.hidden = false;
  }

  window.kindvoice = { memory, clamp, clock, setUpTheme, byId: (id) => document.getElementById(id) };
})();
