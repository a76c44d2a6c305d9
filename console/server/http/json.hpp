// What we answer, as JSON: messages with their own field names, and errors with their HTTP status.
#pragma once

#include <google/protobuf/message.h>

#include <nlohmann/json.hpp>
#include <string>

#include "base/error.hpp"
#include "console/server/http/exchange.hpp"

namespace bulkhead::console::http {

using Json = nlohmann::ordered_json;

// Every field is there, but messages that are not set; 64-bit integers are numbers.
Json to_json(const google::protobuf::Message& message);
Json to_json(const Error& error);
Json to_json(const Errors& errors);  // {"errors": [...]}

int status_of(Code code);

// Never throws: text that is not UTF-8 is replaced.
std::string text_of(const Json& json);
Response answer(const Json& json, int status = 200);
Response no_content();
Response refusal(const Error& error);
Response refusal(const Errors& errors);
// A status that says more than the error's code.
Response refusal(int status, const Error& error);

}  // namespace bulkhead::console::http
