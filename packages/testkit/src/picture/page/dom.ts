/** An element of the page's own markup. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T
}

type Properties<T> = Partial<Omit<T, 'style' | 'dataset'>>

/** What comes from a trace gets in as text only, never as markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties<HTMLElementTagNameMap[K]> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}

/** A select's entries. */
export function options(names: readonly string[], first = 0): HTMLOptionElement[] {
  return names.map((text, index) => make('option', { value: String(index + first), text }))
}
