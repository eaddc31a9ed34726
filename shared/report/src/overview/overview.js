"use strict";
{
  const made = document.getElementById("made");
  const stale = document.getElementById("stale");
  const button = document.getElementById("refresh");
  const folds = [...document.querySelectorAll("details")];
  const period = 300000;
  // A presigned link, as the console opens a page with, is good for minutes: fetched
  // anew the page would be an error of S3.
  const runsOut = location.search.includes("X-Amz-");
  let timer = 0;

  // A file has no storage in some browsers; then nothing is remembered.
  const stored = (name) => {
    try { return sessionStorage.getItem(name); } catch { return null; }
  };
  const store = (name, value) => {
    try { sessionStorage.setItem(name, value); } catch { /* see above */ }
  };

  const lookAtClock = () => {
    const minutes = Math.floor((Date.now() - Date.parse(made.dateTime)) / 60000);
    stale.hidden = minutes < 12;
    if (!stale.hidden) stale.textContent = `This page is ${minutes} minutes old: what it shows may not be so any more.`;
  };

  const setRefresh = (on) => {
    button.dataset.on = String(on);
    button.textContent = on ? "Stop refreshing" : "Refresh by itself";
    store("refresh", on ? "on" : "off");
    clearTimeout(timer);
    if (on) timer = setTimeout(() => location.reload(), period);
  };

  const open = (stored("open") ?? "").split(" ");
  folds.forEach((fold, index) => {
    if (open.includes(String(index))) fold.open = true;
    fold.addEventListener("toggle", () => {
      store("open", folds.flatMap((fold, index) => (fold.open ? [index] : [])).join(" "));
    });
  });
  document.getElementById("signed").hidden = !runsOut;
  button.hidden = runsOut;
  if (!runsOut) {
    button.addEventListener("click", () => setRefresh(button.dataset.on !== "true"));
    setRefresh(stored("refresh") !== "off");
  }
  lookAtClock();
  setInterval(lookAtClock, 30000);
}
