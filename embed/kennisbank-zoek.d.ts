/** Types of `<kennisbank-zoek>` and `<kennisbank-kaart>`; importing the module defines both. */

export type Kind = "case" | "pitfall" | "finding" | "study" | "question" | "ingredient";

/** The filters of the API. */
export type Filter =
  | "kind" | "strategy" | "ingredient" | "ingredientMatch" | "targetGroup" | "municipality"
  | "province" | "country" | "scale" | "status" | "partyRole" | "archetype" | "startYearFrom"
  | "startYearTo" | "effectDomain" | "effectLevel" | "effectDirection" | "evidence" | "outcome"
  | "lane" | "pitfallCategory" | "phase" | "theme";

/** One value or several; a property reads as the text of its attribute, null when it has none. */
export type Values = string | readonly string[] | null | undefined;

export interface Properties extends Record<Filter, Values> {
  /** The words that stand in the box at first. */
  q: string | null | undefined;
  /** Kinds to search, or `all`; cases when left out. */
  types: Values;
  sort: Values;
  /** Parts to show: search, count, facts, summary, why, more. */
  show: Values;
  /** Filters that the reader may choose from. */
  facets: Values;
  label: string | null | undefined;
  look: "light" | "dark" | "auto" | null | undefined;
  /** The address of the knowledge base. */
  server: string | null | undefined;
  /** What stands before the names in the address of the page; true for `kb-`. */
  urlState: string | boolean | null | undefined;
  pageSize: number | null | undefined;
  headingLevel: number | null | undefined;
}

export type MapFilter =
  | Exclude<Filter, "effectDirection" | "pitfallCategory" | "phase" | "theme">
  | "creditedIngredient" | "ownerPitfallCategory";

/** What `<kennisbank-kaart>` takes: filters, and how the map is drawn. */
export interface MapProperties extends Record<MapFilter, Values> {
  rows: "ingredient" | "strategy" | "targetGroup" | "pitfallCategory" | null | undefined;
  columns: "effectDomain" | "effectLevel" | null | undefined;
  order: "vocabulary" | "contradicted" | "gap" | null | undefined;
  /** Whether the picture shows where there is room for it; the tables always do. */
  picture: "0" | "1" | null | undefined;
  look: Properties["look"];
  server: Properties["server"];
  headingLevel: Properties["headingLevel"];
}

export interface Item {
  id: string;
  type: Kind;
  title: string;
  summary: string | null;
  _links: { self: { href: string }; html?: { href: string } };
  [key: string]: unknown;
}

/** An answer of the API, as its document describes it. */
export interface Answer {
  items: Item[];
  page: { number: number; size: number; totalItems: number; totalPages: number };
  query: { q: string | null; filters: Record<string, string[]>; [key: string]: unknown };
  facets: Record<
    string,
    { label: string; values: { value: string; label: string; count: number; selected: boolean }[] }
  >;
  _links: Record<string, { href: string }>;
}

export interface SearchDetail {
  q: string;
  filters: Record<string, string[]>;
  /** Counted from 1. */
  page: number;
  /** What the API is asked. */
  address: string;
}

export interface ErrorDetail {
  /** The status of the answer; 0 without one. */
  status: number;
  /** The problem (RFC 9457) that was answered. */
  problem: { title: string; detail: string; [key: string]: unknown } | null;
  message: string;
}

export interface KennisbankEvents {
  "kennisbank:search": CustomEvent<SearchDetail>;
  "kennisbank:results": CustomEvent<Answer>;
  "kennisbank:select": CustomEvent<{ item: Item; href: string | undefined }>;
  "kennisbank:error": CustomEvent<ErrorDetail>;
}

export interface KennisbankZoekElement extends HTMLElement, Properties {
  /**
   * Search for these words, or for what is typed. Null when another search came in between or a
   * listener prevented it; rejects with an error with `status` and `problem` without an answer.
   */
  search(words?: string): Promise<Answer | null>;
}

/** It asks for the map itself; `kennisbank:error` says that there is none. */
export interface KennisbankKaartElement extends HTMLElement, MapProperties {}

declare global {
  interface HTMLElementTagNameMap {
    "kennisbank-kaart": KennisbankKaartElement;
    "kennisbank-zoek": KennisbankZoekElement;
  }
  interface GlobalEventHandlersEventMap extends KennisbankEvents {}
}
