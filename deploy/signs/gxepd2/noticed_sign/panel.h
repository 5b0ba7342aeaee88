// Your panel and its pins. Take the comment signs from one panel and put them before the others; GxEPD2's examples list every panel that it knows.
#pragma once

#include <SPI.h>

// Pins: those of Waveshare's ESP32 driver board, whose SPI pins are not the usual ones. For a board with the usual pins
// (18, 23) leave SIGN_SPI_SCK out.
#define SIGN_CS 15
#define SIGN_DC 27
#define SIGN_RST 26
#define SIGN_BUSY 25
#define SIGN_SPI_SCK 13
#define SIGN_SPI_MOSI 14

// A pin that can measure the battery, and by how much the divider before it makes the voltage smaller. Leave it out on mains power.
// #define SIGN_BATTERY_PIN 35
// #define SIGN_BATTERY_DIVIDER 2.0

// 7.5", 800x480 black and white (Waveshare 7.5 V2). `panel = "800x480-bw"`
#include <GxEPD2_BW.h>
#define SIGN_INKS noticed::Inks::BW
#define SIGN_DRIVER GxEPD2_750_T7
#define SIGN_DISPLAY GxEPD2_BW<SIGN_DRIVER, SIGN_DRIVER::HEIGHT / 4>

// 7.5", 800x480 black, white, red (Waveshare 7.5 B V2). `panel = "800x480-bwr"`
// #include <GxEPD2_3C.h>
// #define SIGN_INKS noticed::Inks::BWR
// #define SIGN_DRIVER GxEPD2_750c_Z08
// #define SIGN_DISPLAY GxEPD2_3C<SIGN_DRIVER, SIGN_DRIVER::HEIGHT / 8>

// 7.5", 800x480 black, white, yellow, red (GDEM075F52). `panel = "800x480-bwry"`
// #include <GxEPD2_4C.h>
// #define SIGN_INKS noticed::Inks::BWRY
// #define SIGN_DRIVER GxEPD2_750c_GDEM075F52
// #define SIGN_DISPLAY GxEPD2_4C<SIGN_DRIVER, SIGN_DRIVER::HEIGHT / 8>

// 7.3", 800x480 Spectra 6; the picture has 192 kB, so the ESP32 needs PSRAM. `panel = "800x480-spectra6"`
// #include <GxEPD2_7C.h>
// #define SIGN_INKS noticed::Inks::SPECTRA6
// #define SIGN_DRIVER GxEPD2_730c_GDEP073E01
// #define SIGN_DISPLAY GxEPD2_7C<SIGN_DRIVER, SIGN_DRIVER::HEIGHT / 16>

// 4.2", 400x300 black and white (GDEY042T81). `panel = "400x300-bw"`
// #include <GxEPD2_BW.h>
// #define SIGN_INKS noticed::Inks::BW
// #define SIGN_DRIVER GxEPD2_420_GDEY042T81
// #define SIGN_DISPLAY GxEPD2_BW<SIGN_DRIVER, SIGN_DRIVER::HEIGHT>
