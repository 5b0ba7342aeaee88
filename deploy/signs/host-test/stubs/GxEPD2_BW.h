#include "GxEPD2_stub.h"
