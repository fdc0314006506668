import { testAnyOrder } from './testing/whole-clinic/any-order.ts';

testAnyOrder(1);
