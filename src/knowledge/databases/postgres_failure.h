// What an error of PostgreSQL means for us.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lakeshift::databases {

// An Error whose code is the SQLSTATE. Retry: `later` for what passes by itself (connection lost,
// server starting or full of sessions, deadlock, serialisation, lock wait), `never` otherwise.
// Remedies come from the SQLSTATE alone, never from the text.
Error postgres_error(std::string_view sqlstate, std::string message, std::string about);

// The session is gone: connect again. Else the statement was refused and the session lives on.
bool lost_connection(const Error& error);

}  // namespace lakeshift::databases
