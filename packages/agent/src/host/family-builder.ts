/** Collects the samples of a host collector by family: each family is named once, with its type and help. */
import type { MetricType } from "@binnacle/model";
import type { CollectedFamily, CollectedSample } from "../scrape/collected.ts";

interface OpenFamily extends CollectedFamily {
  readonly samples: CollectedSample[];
}

export class FamilyBuilder {
  readonly #families = new Map<string, OpenFamily>();

  counter(name: string, help: string, value: number | undefined, ...labels: string[]): void {
    this.#add(name, "counter", help, value, labels);
  }

  gauge(name: string, help: string, value: number | undefined, ...labels: string[]): void {
    this.#add(name, "gauge", help, value, labels);
  }

  untyped(name: string, help: string, value: number | undefined, ...labels: string[]): void {
    this.#add(name, "unknown", help, value, labels);
  }

  finish(): CollectedFamily[] {
    return [...this.#families.values()];
  }

  /** A value that is not there (a field older kernels lack) adds nothing. */
  #add(name: string, type: MetricType, help: string, value: number | undefined, labels: string[]): void {
    if (value === undefined) return;
    let family = this.#families.get(name);
    if (family === undefined) {
      family = { name, type, help, samples: [] };
      this.#families.set(name, family);
    }
    family.samples.push({ labels, value });
  }
}

/** name, value, name, value, … of an object. */
export function labelPairs(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).flat();
}
