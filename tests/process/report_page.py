"""How the page of sqlgreyctl report looks, in headless Chromium: at two widths, light, dark and in print, with names as
an attacker would choose them. Nothing may stick out, be unreadable or missing, run, or be loaded."""

import collections
import html.parser
import itertools
import os

from support import browser, case, ctl, report_rows

VIEWS = {"wide": (1200, False, ""), "telephone": (375, False, ""), "dark": (1200, True, ""), "dark telephone": (375, True, ""),
         "narrow": (320, False, ""), "print": (794, False, "print")}

# What sticks out of the page, or of what it is in. A table of numbers may be wider than a telephone: it is scrolled.
# A name that cannot be broken, of nothing but accents say, is cut by its cell.
STICKING_OUT = """[...document.querySelectorAll('body *')].filter(e => {
  const r = e.getBoundingClientRect();
  return r.width > 0 && !e.closest('.scroll, .defs, svg svg, .items bdi, .items q') && (r.right > innerWidth + 1 || r.left < -1);
}).map(e => e.outerHTML.slice(0, 80))"""

# Texts whose contrast to what is behind them is less than 4.5, as WCAG 2 calculates it.
PALE = """(() => {
  const channels = text => text.match(/[\\d.]+/g).map(Number);
  const luminance = rgb => rgb.slice(0, 3).map(c => c / 255).map(c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const behind = e => { for (; e; e = e.parentElement) {
    const c = channels(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  const texts = [...document.querySelectorAll('body *')].filter(e => e.getClientRects().length && e.tagName != 'title' &&
    [...e.childNodes].some(n => n.nodeType == 3 && n.data.trim()));
  const bad = texts.filter(e => {
    const style = getComputedStyle(e), ink = luminance(channels(e.closest('svg') ? style.fill : style.color));
    const paper = luminance(behind(e));
    return (Math.max(ink, paper) + .05) / (Math.min(ink, paper) + .05) < 4.5; });
  return [texts.length, bad.map(e => e.outerHTML.slice(0, 80))];
})()"""

# Of each picture: its heading, its size, how many marks it has, and how many of them have a tooltip.
PICTURES = """[...document.querySelectorAll('figure')].map(f => { const s = [...f.querySelectorAll('svg[role=img]')];
  return [f.closest('section').querySelector('h2').innerText, Math.min(...s.map(x => x.getBoundingClientRect().width)),
    Math.min(...s.map(x => x.getBoundingClientRect().height)), Math.min(...s.map(x => x.querySelectorAll('path').length)),
    Math.min(...s.map(x => x.querySelectorAll('title').length))] })"""

# Labels of a picture that cover each other.
COVERED = """[...document.querySelectorAll('svg[role=img]')].flatMap(s => {
  const t = [...s.querySelectorAll('text')].map(e => [e.textContent, e.getBoundingClientRect()]);
  return t.flatMap(([a, p], i) => t.slice(i + 1).filter(([b, q]) => p.left < q.right - 1 && q.left < p.right - 1 &&
    p.top < q.bottom - 3 && q.top < p.bottom - 3).map(([b]) => s.getAttribute('aria-label') + ': ' + a + ' / ' + b)) })"""


class Balance(html.parser.HTMLParser):
    """Every element that needs an end has one, in the right place."""

    EMPTY = {"meta", "br", "path", "rect"}
    OPTIONAL = {"td", "th", "tr", "li"}

    def __init__(self):
        super().__init__()
        self.open, self.headings, self.ids = [], [], []

    def handle_starttag(self, tag, attrs):
        if tag in ("h1", "h2", "h3"):
            self.headings.append(int(tag[1]))
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in self.EMPTY or tag == "path":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        while self.open and self.open[-1] != tag and self.open[-1] in self.OPTIONAL:
            self.open.pop()
        assert self.open and self.open.pop() == tag, (tag, self.open, self.getpos())


class Page(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.need(browser.PROGRAM, "chromium-headless-shell")
        self.browser = browser.Browser()
        self.addCleanup(self.browser.close)

    def page_of(self, days, names=report_rows.HOSTILE):
        server = self.daemon(f"{days} days", settings={"lists_in_database": "on"})
        server.start()
        server.stop()
        report_rows.fill(server, "sqlite", server.tables.execute, days, names,
                         (*report_rows.HOSTS, '"><script>alert(2)</script>', "h" * 64))
        path = os.path.join(self.directory, "page.html")
        done = ctl.run(server, "report", "--days", "400", "--html", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        return path

    def check_view(self, path, name, pictures):
        width, dark, media = VIEWS[name]
        self.browser.show(width, dark, media)
        self.browser.open(path)
        self.assertEqual(self.browser.problems(), [], name)
        value = self.browser.value
        self.assertEqual(value(f"matchMedia('(prefers-color-scheme: dark)').matches"), dark)
        value("document.querySelectorAll('details').forEach(d => { d.open = true })")
        self.assertLessEqual(value("document.documentElement.scrollWidth"), width, name)
        self.assertEqual(value(STICKING_OUT), [], name)
        texts, pale = value(PALE)
        self.assertGreater(texts, 100, name)
        self.assertEqual(pale, [], name)
        self.assertEqual(value(COVERED), [], name)
        found = value(PICTURES)
        self.assertEqual(len(found), pictures, name)
        for heading, wide, high, marks, tooltips in found:
            self.assertGreater(wide, width / 4, (name, heading))
            self.assertGreater(high, 30, (name, heading))
            self.assertGreater(min(marks, tooltips), 0, (name, heading))

    def test_a_month_and_a_year_in_every_view(self):
        for days, pictures in ((1, 6), (30, 6), (400, 7)):
            path = self.page_of(days)
            for name in VIEWS:
                self.check_view(path, name, pictures)

    def test_without_figures_the_page_is_a_page(self):
        server = self.start()
        server.stop()
        path = os.path.join(self.directory, "page.html")
        self.assertEqual(ctl.run(server, "report", "--html", path).returncode, 0)
        self.browser.show(375)
        self.browser.open(path)
        self.assertEqual(self.browser.problems(), [])
        self.assertLessEqual(self.browser.value("document.documentElement.scrollWidth"), 375)
        self.assertIn("There are no daily statistics", self.browser.value("document.body.innerText"))

    def test_names_are_text_and_nothing_runs(self):
        path = self.page_of(30)
        self.browser.show(1200)
        self.browser.open(path)
        text = self.browser.value("document.body.innerText")
        self.assertIn('"><script>alert(2)</script>', self.browser.value("document.querySelector('svg[aria-label$=host]').textContent"))
        for name in report_rows.HOSTILE:
            shown = name.replace("\u202e", "\\xe2\\x80\\xae").replace("\u2066", "\\xe2\\x81\\xa6").replace("\u200b", "\\xe2\\x80\\x8b")
            self.assertIn(shown, text)
        self.assertEqual(self.browser.value("document.querySelectorAll('script, img, iframe, link, object, [onerror]').length"), 0)
        # The page's policy stops what would come in all the same.
        self.browser.value("document.body.insertAdjacentHTML('beforeend', '<img src=https://192.0.2.1/x.png>'), 0")
        self.browser.wait_for("Log.entryAdded")
        self.assertIn("Content Security Policy", str(self.browser.problems()))

    def test_what_is_painted_is_not_only_outlines(self):
        path = self.page_of(30)
        painted = {}
        for name in ("wide", "dark", "print"):
            width, dark, media = VIEWS[name]
            self.browser.show(width, dark, media)
            self.browser.open(path)
            painted[name] = collections.Counter(self.browser.painted("figure svg[role=img]"))
        # --c0 of page.css, in the light and in the dark, is the colour of the largest area.
        for name, colour in (("wide", (0x00, 0x72, 0xb2)), ("dark", (0x2b, 0x8f, 0xce)), ("print", (0x00, 0x72, 0xb2))):
            whole = sum(painted[name].values())
            self.assertGreater(painted[name][colour], whole / 20, name)
            # Hatches: other areas have two colours each.
            self.assertGreater(len([c for c, count in painted[name].items() if count > whole / 500]), 6, name)

    def test_the_groups_are_told_apart_in_grey(self):
        path = self.page_of(30)
        self.browser.call("Emulation.setEmulatedVisionDeficiency", type="achromatopsia")
        for name in ("wide", "dark"):
            width, dark, media = VIEWS[name]
            self.browser.show(width, dark, media)
            self.browser.open(path)
            keys = self.browser.value("document.querySelector('.legend').children.length")
            self.assertEqual(keys, 7, name)
            greys = [[colour[0] for colour in self.browser.painted(f".legend li:nth-child({number + 1}) svg")]
                     for number in range(keys)]
            for (a, one), (b, other) in itertools.combinations(enumerate(greys), 2):
                differ = sum(abs(p - q) for p, q in zip(one, other)) / len(one)
                self.assertGreater(differ, 12, (name, a, b))

    def test_it_is_valid_and_prints(self):
        for days in (30, 400):
            path = self.page_of(days)
            with open(path, encoding="utf-8") as file:
                text = file.read()
            self.assertLess(len(text.encode()), 100_000)
            parser = Balance()
            parser.feed(text)
            parser.close()
            self.assertEqual(parser.open, [])
            self.assertEqual(parser.headings[0], 1)
            self.assertEqual(set(parser.headings[1:]), {2})
            self.assertEqual(len(parser.ids), len(set(parser.ids)))
            self.browser.show(1200)
            self.browser.open(path)
            self.assertEqual(self.browser.value("document.compatMode"), "CSS1Compat")
            self.assertEqual(self.browser.pdf()[:5], b"%PDF-")


if __name__ == "__main__":
    case.main()
