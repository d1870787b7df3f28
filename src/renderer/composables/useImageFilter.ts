/**
 * Which images are looked at: the data set and its filter, in the address. The image page carries the same parts, so
 * that "next" means the next one of the list that a person came from.
 */
import { computed } from 'vue'
import { useRoute, useRouter, type LocationQuery, type LocationQueryRaw } from 'vue-router'
import type { ImageFilter } from '../../contract/data-set.ts'

/** Attributes stand in the address as by.NAME=CONTENT, so that no column's name is taken for another part. */
const attributeMark = 'by.'

/** What the address says; empty parts count as absent, except for attributes, whose content may be empty. */
export function filterOfQuery(query: LocationQuery): ImageFilter {
  const filter: ImageFilter = {}
  for (const name of ['label', 'split', 'path'] as const) {
    const content = query[name]
    if (typeof content === 'string' && content !== '') filter[name] = content.slice(0, 500)
  }
  const attributes = Object.entries(query).flatMap(([key, content]) =>
    key.startsWith(attributeMark) && typeof content === 'string' ? [[key.slice(attributeMark.length), content]] : [],
  )
  if (attributes.length > 0) filter.attributes = Object.fromEntries(attributes) as Record<string, string>
  return filter
}

/** @returns the filter's parts of an address, none of them undefined */
export function queryOfFilter({ label, split, path, attributes = {} }: ImageFilter): LocationQueryRaw {
  const marked = Object.entries(attributes).map(([name, content]) => [`${attributeMark}${name}`, content])
  const parts = Object.entries({ label, split, path }).filter(([, content]) => content !== undefined)
  return Object.fromEntries([...parts, ...marked]) as LocationQueryRaw
}

export function isFilterPart(key: string): boolean {
  return key === 'label' || key === 'split' || key === 'path' || key.startsWith(attributeMark)
}

export function isUnfiltered(filter: ImageFilter): boolean {
  return Object.keys(queryOfFilter(filter)).length === 0
}

export function useImageFilter() {
  const route = useRoute()
  const router = useRouter()
  const others = () => Object.fromEntries(Object.entries(route.query).filter(([key]) => !isFilterPart(key)))
  const filter = computed<ImageFilter>({
    get: () => filterOfQuery(route.query),
    // A filter that is being typed would fill the history with its letters.
    set: (content) => void router.replace({ query: { ...others(), ...queryOfFilter(content), at: undefined } }),
  })
  return { filter }
}
