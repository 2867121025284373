// Every page of the shop and of the desks in each of its states. A tour brings a page into one state after the other, and names it.
import { atDesk, chooseMethod, enter, follow, goToPayment, heading, orderAndPay, press, putLampIntoBasket } from './shopping.mjs';

/** Opens a path, and answers the name of the state that it is in. */
const opener = page => async (path, name) => {
  await page.goto(path);
  return name;
};

/** What a visitor without a session sees. */
export async function* strangers(page, { products }) {
  const at = opener(page);
  yield at('/', 'home');
  await page.getByRole('navigation', { name: 'Departments' }).getByRole('link', { name: 'Home' }).click();
  await heading(page, 'Home');
  yield 'aisle';
  yield at('/search?q=lamp', 'search');
  yield at('/search?q=lamp&sort=priceAsc&minPrice=10&colour=red', 'search, filtered');
  yield at('/search?q=zzzzzz', 'search without a result');
  await page.goto('/search?q=fold+desk+lamp');
  await follow(page, 'Fold desk lamp');
  await heading(page, 'Fold desk lamp');
  yield 'product';
  yield at(products.last, 'product, last ones');
  yield at(products.soldOut, 'product, sold out');
  yield at(products.gone, 'product, no longer sold');
  yield at('/basket', 'basket, empty');
  yield at('/orders', 'orders of a stranger');
  yield at('/sign-in', 'sign-in');
  await enter(page, { email: 'nobody@souk.example', password: 'a wrong passphrase' });
  await page.getByText('E-mail address or password is wrong').waitFor();
  yield 'sign-in, wrong';
  yield at('/register', 'register');
  await page.getByLabel('E-mail address').fill('nobody');
  await press(page, 'Register');
  await page.getByRole('alert').waitFor();
  yield 'register with faults';
  yield at('/terms', 'terms');
  yield at('/withdrawal', 'withdrawal');
  yield at('/no-such-page', 'a page that does not exist');
  yield at('/currency', 'currency');
  await page.locator('main').getByRole('button', { name: /US dollar/ }).click();
  await page.waitForURL(url => url.pathname !== '/currency');
  yield at(products.priceless, 'product without a price in the currency');
}

/** What a guest sees on the way to an order. */
export async function* guests(page) {
  await putLampIntoBasket(page);
  yield 'basket';
  await page.getByLabel('Discount code').fill('WELCOME10');
  await press(page, 'Apply');
  await page.getByText('WELCOME10 applied').waitFor();
  yield 'basket with a discount';
  await page.getByLabel('Discount code').fill('NONSENSE');
  await press(page, 'Apply');
  await page.locator('.error, .notice').first().waitFor();
  yield 'basket, code refused';
  await page.goto('/checkout/address');
  yield 'checkout, address';
  await page.getByLabel('Country').selectOption('US');
  await press(page, 'Change country');
  await page.getByLabel('State').waitFor();
  await press(page, 'Continue to shipping');
  await page.getByRole('alert').waitFor();
  yield 'checkout, address with faults';
  await page.goto('/basket');
  await goToPayment(page);
  yield 'checkout, payment';
  await page.goto('/checkout/shipping');
  yield 'checkout, shipping';
  await page.goto('/checkout/payment');
  await chooseMethod(page);
  yield 'checkout, review';
  await orderAndPay(page);
  await heading(page, 'Thank you. We are packing your parcel.');
  yield 'order of a guest';
  await follow(page, 'Pause updates');
  yield 'order, paused';
  await page.goto('/checkout/address');
  yield 'checkout without a basket';
}

/** What a customer sees. */
export async function* customers(page, { customer, orders }) {
  const at = opener(page);
  await page.goto('/sign-in?next=/account');
  await enter(page, customer);
  await heading(page, 'Account');
  yield 'account';
  await press(page, 'Save');
  await page.getByRole('status').waitFor();
  yield 'account, saved';
  yield at('/account/addresses', 'addresses');
  await follow(page, 'Add an address');
  yield 'address, new';
  await press(page, 'Save the address');
  await page.getByRole('alert').waitFor();
  yield 'address with faults';
  yield at('/account/payment-methods', 'payment methods');
  yield at('/account/sessions', 'devices');
  yield at('/orders', 'orders');
  yield at('/orders/ord_00000000000000000000000000000000', 'order that does not exist');
  yield at('/terms', 'terms for a customer');
  yield at('/currency', 'currency for a customer');
  yield at('/no-such-page', 'a page that does not exist, for a customer');
  yield at('/sign-out', 'sign-out');
  for (const [state, path] of Object.entries(orders)) yield at(path, `order, ${state}`);
  await putLampIntoBasket(page);
  await follow(page, 'Go to checkout');
  yield 'checkout, saved address';
  await press(page, 'Continue to shipping');
  await press(page, 'Continue to payment');
  yield 'checkout, saved card';
  yield at(`/checkout/payment?declinedOrderId=${orders.declined.split('/').pop()}`, 'checkout, card declined');
}

/** What a merchant sees at the desk. */
export async function* merchants(page, { products }) {
  const at = opener(page);
  await atDesk(page, 'merchant', '/desk');
  await heading(page, 'Today');
  yield 'desk, today';
  yield at('/desk/products', 'desk, products');
  yield at('/desk/products?q=zzzzzz', 'desk, no products');
  yield at(`/desk${pathOf(products.last)}`, 'desk, a product');
  await page.locator('#prices').waitFor();
  await page.locator('.fields input[type="text"]').first().fill('a lot');
  await press(page, 'Save prices');
  await page.getByRole('alert').waitFor();
  yield 'desk, a price with a fault';
  yield at(`/desk${pathOf(products.last)}`, 'desk, a product again');
  await press(page, 'Save prices');
  await page.getByRole('status').waitFor();
  yield 'desk, prices saved';
  await page.getByLabel('Units').fill('many');
  await press(page, 'Adjust');
  await page.getByText('Enter a number of units').first().waitFor();
  yield 'desk, stock with a fault';
  yield at('/desk/orders', 'desk, orders');
  await page.getByLabel('Status').selectOption('Cancelled');
  await press(page, 'Show');
  yield 'desk, orders filtered';
  yield at('/desk/orders?from=2030-01-02&to=2030-01-01', 'desk, orders of wrong days');
  yield at('/desk/promotions', 'desk, promotions');
  await follow(page, 'Add a promotion');
  yield 'desk, promotion';
  await page.getByLabel('Percent or amount').fill('a lot');
  await press(page, 'Add the promotion');
  await page.getByRole('alert').waitFor();
  yield 'desk, promotion with faults';
  yield at('/desk/imports', 'desk, imports');
  await press(page, 'Start the import');
  await page.getByRole('alert').waitFor();
  yield 'desk, import without a file';
  await page.getByText('Paste the rows instead').click();
  await page.getByLabel('Rows').fill(`title,sku,price.EUR\nTea towel,TOWEL-${Date.now()},1200\nTea cloth,CLOTH-1,much\n,CLOTH-2,900`);
  await press(page, 'Start the import');
  await page.getByRole('heading', { name: 'Refused rows' }).waitFor();
  yield 'desk, an import';
}

/** What a courier sees, from taking a parcel over to handing it over. */
export async function* couriers(page, { parcel }) {
  await atDesk(page, 'courier', '/deliveries');
  await heading(page, 'My parcels');
  yield 'parcels';
  await page.goto(parcel);
  await page.getByRole('button', { name: 'Take over' }).waitFor();
  yield 'parcel to take over';
  await press(page, 'Take over');
  await page.getByRole('button', { name: 'Dispatch' }).waitFor();
  yield 'parcel of mine';
  await page.goto('/deliveries');
  yield 'parcels with one of mine';
  await page.goto(parcel);
  await press(page, 'Dispatch');
  await page.getByLabel('PIN of the customer').waitFor();
  yield 'parcel on its way';
  await page.getByLabel('PIN of the customer').fill('no PIN');
  await press(page, 'Delivered');
  await page.getByRole('alert').waitFor();
  yield 'parcel, wrong PIN';
  await press(page, 'Report a failed attempt');
  await page.getByRole('alert').getByText('Enter a reason').waitFor();
  yield 'parcel, no reason';
  await press(page, 'Delivered without PIN');
  await page.getByRole('link', { name: 'Next parcel' }).waitFor();
  yield 'parcel, delivered';
}

/** What support sees. */
export async function* supporters(page, { customer, orders }) {
  await atDesk(page, 'support', '/support');
  await heading(page, 'Find an order');
  yield 'support';
  const find = async text => {
    await page.getByLabel('Order, shipment or e-mail address').fill(text);
    await press(page, 'Find');
  };
  await find('nobody@souk.example');
  await page.getByText('Nothing was found').waitFor();
  yield 'support, nothing found';
  await find(customer.email);
  await heading(page, 'Find an order');
  await page.getByRole('heading', { name: customer.name }).waitFor();
  yield 'support, orders of an account';
  await find(orders.delivered.split('/').pop());
  await heading(page, `Order of ${customer.name}`);
  yield 'support, an order';
  await page.getByLabel('Amount in EUR').fill('99999');
  await page.getByLabel('Reason').first().fill('The towels have a stain.');
  await press(page, 'Refund');
  await page.getByRole('alert').getByText('Enter an amount of at most').waitFor();
  yield 'support, refund over the limit';
  await page.goto(`/support${orders.confirmed}`);
  yield 'support, an order that can be cancelled';
}

const pathOf = url => new URL(url, 'http://localhost').pathname;
