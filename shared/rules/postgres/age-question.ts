import type { CatalogQuestion } from './catalog-select';

/** What is asked about the age of transactions: the database that is nearest to a wraparound, by transactions or by multixacts. */
export const ageQuestions = {
  ages: {
    columns: { name: 'd.datname', age: 'greatest(age(d.datfrozenxid), mxid_age(d.datminmxid))' },
    from: 'FROM pg_database d ORDER BY 2 DESC LIMIT 1',
  },
} satisfies Readonly<Record<string, CatalogQuestion>>;
