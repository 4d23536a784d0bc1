import { AzureReader } from '../src/azure/azure-reader.ts';

/** A reader for tests in which Azure has no part: whoever it is asked for would have no sign-in. */
export const noAzure = (now: () => Date): AzureReader =>
  new AzureReader({
    arm: 'https://management.azure.com',
    graph: 'https://graph.microsoft.com',
    subscriptions: [],
    credential: async () => {
      throw new Error('This test reads nothing of Azure.');
    },
    now,
  });
