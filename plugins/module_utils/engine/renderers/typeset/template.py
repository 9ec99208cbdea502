"""How the letter looks: functions in Typst that lay out what they are given, all of it as text."""

from __future__ import annotations

TEMPLATE = r"""
#let ink = rgb("#18202b")
#let soft = rgb("#4a5260")
#let rule = rgb("#9aa3af")
#let good = rgb("#17753f")
#let bad = rgb("#a81d27")
#let tint = rgb("#f1f3f6")
#let toned(tone) = if tone == "bad" { bad } else if tone == "good" { good } else { ink }

#let one-page(body) = layout(size => {
  let needed = measure(width: size.width, body).height
  if needed <= size.height { body } else {
    align(center, scale(size.height / needed * 99%, reflow: true, block(width: size.width, align(left, body))))
  }
})

#let letterhead(parent, name, address, contact) = {
  align(center)[
    #text(11.5pt, tracking: 0.4pt)[#upper(parent)] \
    #text(13.5pt, weight: "bold")[#upper(name)] \
    #text(9pt)[#address] \
    #text(9pt)[#contact]
  ]
  v(-5pt)
  line(length: 100%, stroke: 1.6pt)
  v(-9.5pt)
  line(length: 100%, stroke: 0.5pt)
}

#let headline(title, subtitle, number) = align(center)[
  #v(2pt)
  #heading(level: 1, outlined: true)[#upper(title)]
  #v(-2pt)
  #text(10.5pt, weight: "bold")[#upper(subtitle)] \
  #text(10pt)[#number #box(width: 5.2cm, baseline: -2pt, line(length: 100%, stroke: 0.4pt))]
]

#let facts(pairs) = {
  set text(9.5pt)
  grid(columns: (auto, auto, 1fr), column-gutter: 6pt, row-gutter: 4.5pt,
    ..pairs.map(pair => (pair.at(0), ":", pair.at(1))).flatten())
}

#let part(title) = heading(level: 2)[#title]

#let verdict(tone, sentence) = block(width: 100%, inset: (x: 8pt, y: 6pt), stroke: (left: 3pt + toned(tone)),
  fill: tint)[#set par(justify: false)
  #text(weight: "bold", fill: toned(tone))[#sentence]]

#let figures(items) = {
  set par(justify: false)
  grid(columns: (1fr,) * 4, column-gutter: 6pt,
  ..items.map(item => block(width: 100%, inset: 6pt, stroke: 0.5pt + rule)[
    #text(17pt, weight: "bold", fill: toned(item.at(0)))[#item.at(1)] \
    #text(9pt)[#item.at(2)] \
    #text(8pt, fill: soft)[#item.at(3)]
  ]))
}

#let cell-of(value) = if type(value) == array {
  text(weight: "bold", fill: toned(value.at(0)))[#value.at(1)]
} else { [#value] }

#let listing(widths, numbers, head, rows, size: 8pt) = {
  set text(size, hyphenate: false)
  set par(justify: false, leading: 0.45em)
  table(columns: widths, inset: (x: 4pt, y: 3pt), stroke: 0.4pt + rule,
    align: (x, y) => if y > 0 and x in numbers { right } else { left },
    fill: (x, y) => if y == 0 { tint },
    table.header(..head.map(title => text(weight: "bold")[#title])),
    ..rows.sum(default: ()).map(cell => cell-of(cell)))
}

#let signatures(place, people) = {
  set text(9pt)
  set par(justify: false, leading: 0.5em)
  v(4pt)
  align(right)[#place]
  block(breakable: false, grid(columns: (1fr,) * people.len(), column-gutter: 8pt,
    ..people.map(it => align(center)[
      #text(8.5pt)[#it.at(0)] \
      #block(height: 26pt)[#it.at(1)]
      #v(30pt)
      #if it.at(2) == "" { box(width: 90%, line(length: 100%, stroke: 0.4pt)) } else {
        text(weight: "bold")[#underline(offset: 2pt)[#it.at(2)]]
      } \
      #text(8.5pt)[#it.at(3)] \
      #text(8.5pt)[#it.at(4)]
    ])))
}

#let remarks(items) = {
  set text(8.5pt)
  for item in items {
    block(inset: (left: 8pt), stroke: (left: 1.5pt + rule))[#text(weight: "bold")[#item.at(0)] #item.at(1) \
      #text(fill: soft)[#item.at(2)]]
  }
}

#let annex(title, begins-page, body) = {
  if begins-page { pagebreak(weak: true) } else { v(14pt) }
  heading(level: 1, outlined: true)[#text(12pt)[#title]]
  body
}
"""
"""Nothing is filled into this text; the calls that follow it carry the values."""

PREAMBLE = """#set document(title: {title}, author: {author}, date: datetime({date}))
#set text(font: "Libertinus Serif", lang: "{code}", size: 10.5pt)
#set par(justify: true, leading: 0.55em, spacing: 0.8em)
#set page(paper: "a4", margin: (top: 1.6cm, bottom: 1.5cm, left: 2.2cm, right: 1.8cm),
  footer: context text(8pt, fill: rgb("#4a5260"))[#{footer} #h(1fr) #counter(page).display("1 / 1", both: true)])
#show heading.where(level: 1): set text(14pt)
#show heading.where(level: 2): it => block(above: 0.9em, below: 0.5em, text(10.5pt, weight: "bold")[#it.body])
#pdf.attach("report.json", bytes(sys.inputs.report), relationship: "source", mime-type: "application/json",
  description: {attached})
"""

ANNEX_PAGE = """#set page(flipped: true, margin: (top: 1.5cm, bottom: 1.5cm, left: 1.6cm, right: 1.6cm))
#set par(justify: false)
"""
