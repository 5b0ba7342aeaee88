// Copy to secrets.h, which stays on your computer.
#pragma once

// The shop's Wi-Fi, 2.4 GHz.
#define WIFI_NAME "shop"
#define WIFI_PASSWORD "change me"

// `public-url` of [signage], without a slash at the end.
#define BOX_ADDRESS "http://192.168.1.10:8080"

// `id` of the [[sign]], and what `noticed sign token ID` prints.
#define SIGN_ID "window"
#define SIGN_TOKEN "0123456789abcdef0123456789abcdef"

// `refresh` and `grace` of the [[sign]], in seconds.
#define SIGN_REFRESH_S 900
#define SIGN_GRACE_S 90
