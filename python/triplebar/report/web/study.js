// A page of a study: pictures stand in it already; here is what one may do with them.
function best() {
  for (const input of document.querySelectorAll("input[data-lines]")) {
    const lines = document.querySelectorAll(`#${input.dataset.lines} .line`), shown = document.getElementById(`${input.dataset.lines}-shown`);
    const show = () => {
      let count = 0;
      for (const line of lines) {
        const inside = +line.dataset.share <= input.value / 100;
        line.style.display = inside ? "" : "none";
        if (inside) count += 1;
      }
      shown.textContent = `the best ${input.value} %: ${count} of ${lines.length} lines`;
    };
    input.addEventListener("input", show);
    show();
  }
}

function measures() {
  for (const select of document.querySelectorAll("select[data-pictures]")) {
    const show = () => {
      for (const each of document.querySelectorAll(`[data-of="${select.dataset.pictures}"]`)) each.hidden = each.dataset.name !== select.value;
    };
    select.addEventListener("change", show);
    show();
  }
}

themes();
best();
measures();
document.documentElement.dataset.ready = "true";
