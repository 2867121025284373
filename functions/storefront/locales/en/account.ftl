# Forms

optional = (optional)
too-long = Use fewer characters
form-faults = { $count ->
    [one] One field needs a correction
    [2] Two fields need a correction
    [3] Three fields need a correction
   *[other] { $count } fields need a correction
}
too-many-attempts = Too many attempts
wait-seconds = { $count ->
    [one] You can try again in one second.
   *[other] You can try again in { $count } seconds.
}
wait-minutes = { $count ->
    [one] You can try again in one minute.
   *[other] You can try again in { $count } minutes.
}

# Signing in and out

sign-in = Sign in
sign-in-wrong = E-mail address or password is wrong
sign-in-wrong-text = Check both and try again.
sign-in-new = New here?
sign-in-new-text = You can order without an account. With one, your orders and addresses are in one place.
sign-in-email-missing = Enter your e-mail address
sign-in-password-missing = Enter your password
sign-out = Sign out
sign-out-text = Your basket and your orders stay in your account.
email = E-mail address
password = Password
name = Name

# A new account

register = Register
register-lead = What is in your basket stays there, and the orders of this browser move to the account.
register-have = I have an account
register-password-hint = At least 12 characters. A sentence works well.
register-name-missing = Enter your name
register-name-wrong = Use at most 100 characters
register-email-missing = Enter an e-mail address such as name@example.com
register-email-wrong = Enter an e-mail address such as name@example.com
register-password-missing = Use at least 12 characters
register-password-short = { $count ->
    [one] Use at least 12 characters. This one has one
   *[other] Use at least 12 characters. This one has { $count }
}
register-password-wrong = Use a less common password that is not your e-mail address
register-refused = There is no new account
register-refused-text = If you have an account with this e-mail address, sign in.

# The account

account = Account
account-orders = Orders
account-profile = Profile
account-saved = Your name is saved.
account-changed = The profile was changed elsewhere. Check the name and save it again.
language = Language
language-en = English
language-de = German
roles = Roles
role-guest = guest
role-customer = customer
role-merchant = merchant
role-courier = courier
role-support = support
role-admin = administrator
save = Save
edit = Edit
back = Back
form-sent = This form was sent before. If something is missing, send it again.

# Addresses

addresses = Addresses
addresses-none = There is no address yet.
address-add = Add an address
address-edit = Edit the address
address-save = Save the address
address-saved = The address is saved.
address-changed = The address was changed elsewhere. Check it and save it again.
address-too-many = An account has at most 20 addresses. Remove one first.
address-default = Default
address-make-default = Use as the default address

# Payment methods

payment-methods = Payment methods
payment-methods-none = There is no payment method yet. You can enter one when you pay.
payment-method = Payment method
payment-ending = ending in { $digits }
payment-kept = The payment provider keeps the card data. We keep the brand and the last four digits.
payment-add = Add a payment method
payment-too-many = An account has at most 20 payment methods. Remove one first.

# Where an account is signed in

sessions = Devices
sessions-title = Where you are signed in
sessions-text = If you do not recognise a device, sign out there. A device that is not used for 30 days is signed out.
sessions-end = Sign out everywhere else
session-started = Signed in: { $time }
session-used = Last used: { $time }
session-current = This device
session-unknown = An unknown browser
session-end = Sign out there
session-sign-out = Sign out here

# The form of an address

field-country = Country
field-name = Full name
field-line1 = Street and number
field-line2 = Floor, company, care of
field-postcode = Postcode
field-city = Town or city
field-region = State or province
enter-name = Enter the name of the recipient
enter-line1 = Enter the street and the number
enter-postcode = Enter a postcode, for example { $example }
enter-city = Enter the town or city
enter-region = Choose a state or province
enter-something = Fill in this field
choose = Choose
change-country = Change country
country-at = Austria
country-be = Belgium
country-ch = Switzerland
country-de = Germany
country-es = Spain
country-fr = France
country-gb = United Kingdom
country-ie = Ireland
country-it = Italy
country-nl = Netherlands
country-us = United States
