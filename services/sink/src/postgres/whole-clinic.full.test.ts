import { testAnyOrder } from './testing/whole-clinic/any-order.ts';

// By a new seed each time.
testAnyOrder(10);
