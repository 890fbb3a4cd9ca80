/** An element of the page's own markup. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T
}

type Properties<T> = Partial<Omit<T, 'style' | 'dataset'>>

/** Makes an element. Strings become text and never markup, so that a trace cannot add elements. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties<HTMLElementTagNameMap[K]> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}

/** The entries of a select element. */
export function options(names: readonly string[], first = 0): HTMLOptionElement[] {
  return names.map((text, index) => make('option', { value: String(index + first), text }))
}
