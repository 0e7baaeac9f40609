// Error codes, web pages, broken bodies, Retry-After.
#include <gtest/gtest.h>

#include "knowledge/platforms/databricks_answers.h"
#include "tests/unit/fakes/fake_world.h"

namespace lakeshift::platforms {
namespace {

using fakes::answer;
using fakes::answer_json;
using world::Millis;

Error error_of(const world::HttpResponse& response) {
  const auto json = read_answer(response, "GET /x");
  EXPECT_FALSE(json) << response.body;
  return json ? Error{} : json.error();
}

world::HttpResponse refusal(int status, const std::string& error_code,
                            const std::string& message = "no") {
  return answer_json({{"error_code", error_code}, {"message", message}}, status);
}

struct CodeCase {
  int status;
  const char* error_code;
  const char* code;
  Retry retry;
};

void PrintTo(const CodeCase& row, std::ostream* out) {
  *out << row.status << " " << row.error_code;
}

class AnswerCode : public ::testing::TestWithParam<CodeCase> {};

TEST_P(AnswerCode, IsStable) {
  const CodeCase& row = GetParam();
  const Error error = error_of(refusal(row.status, row.error_code, "said so"));
  EXPECT_EQ(error.code, row.code);
  EXPECT_EQ(error.retry, row.retry);
  EXPECT_EQ(error.http_status, row.status);
  EXPECT_EQ(error.about, "GET /x");
  EXPECT_EQ(error.message, "said so");
}

INSTANTIATE_TEST_SUITE_P(
    Rest, AnswerCode,
    ::testing::Values(
        CodeCase{404, "RESOURCE_DOES_NOT_EXIST", "not-found", Retry::never},
        CodeCase{400, "RESOURCE_DOES_NOT_EXIST", "not-found", Retry::never},
        CodeCase{404, "NOT_FOUND", "not-found", Retry::never},
        CodeCase{400, "RESOURCE_ALREADY_EXISTS", "already-exists", Retry::never},
        CodeCase{409, "ALREADY_EXISTS", "already-exists", Retry::never},
        CodeCase{403, "PERMISSION_DENIED", "permission-denied", Retry::never},
        CodeCase{400, "INVALID_PARAMETER_VALUE", "invalid-parameter", Retry::never},
        CodeCase{400, "MALFORMED_REQUEST", "malformed-request", Retry::never},
        CodeCase{400, "INVALID_STATE", "invalid-state", Retry::never},
        CodeCase{403, "FEATURE_DISABLED", "feature-disabled", Retry::never},
        CodeCase{404, "FEATURE_DISABLED", "feature-disabled", Retry::never},
        CodeCase{404, "ENDPOINT_NOT_FOUND", "endpoint-not-found", Retry::never},
        CodeCase{409, "RESOURCE_CONFLICT", "conflict", Retry::never},
        CodeCase{409, "ABORTED", "aborted", Retry::later},
        CodeCase{400, "QUOTA_EXCEEDED", "quota-exceeded", Retry::never},
        CodeCase{429, "QUOTA_EXCEEDED", "quota-exceeded", Retry::never},
        CodeCase{429, "RESOURCE_LIMIT_EXCEEDED", "quota-exceeded", Retry::never},
        CodeCase{429, "REQUEST_LIMIT_EXCEEDED", "too-many-requests", Retry::throttled},
        CodeCase{429, "RESOURCE_EXHAUSTED", "resource-exhausted", Retry::throttled},
        CodeCase{500, "INTERNAL_ERROR", "internal-error", Retry::later},
        CodeCase{400, "INTERNAL_ERROR", "internal-error", Retry::later},
        CodeCase{503, "TEMPORARILY_UNAVAILABLE", "temporarily-unavailable", Retry::later},
        CodeCase{504, "DEADLINE_EXCEEDED", "deadline-exceeded", Retry::later},
        CodeCase{400, "DIRECTORY_NOT_EMPTY", "directory-not-empty", Retry::never},
        CodeCase{401, "UNAUTHENTICATED", "login-failed", Retry::after_login},
        CodeCase{403, "403", "permission-denied", Retry::after_login},
        CodeCase{400, "MAX_NOTEBOOK_SIZE_EXCEEDED", "max-notebook-size-exceeded", Retry::never}));

TEST(Answers, ANumericErrorCodeIsTheStatus) {
  const Error error =
      error_of(answer_json({{"error_code", 403}, {"message", "Invalid access token."}}, 403));
  EXPECT_EQ(error.code, "permission-denied");
  EXPECT_EQ(error.retry, Retry::after_login);
}

TEST(Answers, ScimErrorsHaveABodyOfTheirOwn) {
  const auto scim = [](int status, const Json& more = Json::object()) {
    Json body = {{"schemas", {"urn:ietf:params:scim:api:messages:2.0:Error"}},
                 {"detail", "User not found"},
                 {"status", std::to_string(status)}};
    body.update(more);
    return error_of(answer_json(body, status));
  };
  EXPECT_EQ(scim(404).code, "not-found");
  EXPECT_EQ(scim(404).message, "User not found");
  EXPECT_EQ(scim(409).code, "already-exists");
  EXPECT_EQ(scim(400, {{"scimType", "uniqueness"}}).code, "already-exists");
  EXPECT_EQ(scim(400, {{"scimType", "invalidValue"}}).code, "bad-request");
  EXPECT_EQ(scim(403).code, "permission-denied");
  EXPECT_EQ(scim(403).retry, Retry::never) << "scim says 403 about permissions, not about tokens";
  EXPECT_EQ(scim(429).retry, Retry::throttled);
  EXPECT_EQ(scim(500).retry, Retry::later);
}

TEST(Answers, WithoutABodyTheStatusDecides) {
  EXPECT_EQ(error_of(answer(400, "")).code, "bad-request");
  EXPECT_EQ(error_of(answer(404, "nothing")).code, "not-found");
  EXPECT_EQ(error_of(answer(413, "")).code, "too-large");
  EXPECT_EQ(error_of(answer(418, "")).code, "http-418");
  EXPECT_EQ(error_of(answer(429, "")).code, "too-many-requests");
  EXPECT_EQ(error_of(answer(502, "")).retry, Retry::later);
  EXPECT_EQ(error_of(answer(501, "")).retry, Retry::never);
  EXPECT_EQ(error_of(answer(400, "")).message, "answered with status 400");
}

TEST(Answers, AnEmptyBodyIsAnEmptyObject) {
  for (const char* body : {"", " \n", "{}"}) {
    const auto json = read_answer(answer(200, body), "DELETE /x");
    ASSERT_TRUE(json);
    EXPECT_EQ(*json, Json::object());
  }
  EXPECT_TRUE(read_answer(answer(204, ""), "DELETE /x"));
}

TEST(Answers, AWebPageIsNoWorkspace) {
  for (const auto& response :
       {answer(200, "<!DOCTYPE html><html>Sign in</html>",
               {{"Content-Type", "text/html; charset=utf-8"}}),
        answer(200, "\n  <html></html>"), answer(200, "Welcome", {{"content-type", "text/html"}}),
        answer(302, "", {{"Location", "https://login.example/"}}),
        answer(404, "<html>not here</html>")}) {
    const Error error = error_of(response);
    EXPECT_EQ(error.code, "not-a-workspace");
    EXPECT_NE(error.message.find("web page instead of json"), std::string::npos);
    EXPECT_FALSE(error.remedy.empty());
  }
  EXPECT_NE(error_of(answer(302, "", {{"Location", "https://login.example/"}}))
                .message.find("login.example"),
            std::string::npos);
}

TEST(Answers, AGatewaysPageIsAPassingFault) {
  const Error error =
      error_of(answer(502, "<html>Bad Gateway</html>", {{"Content-Type", "text/html"}}));
  EXPECT_EQ(error.code, "internal-error");
  EXPECT_EQ(error.retry, Retry::later);
}

TEST(Answers, BrokenBodiesAreNamed) {
  for (const char* body :
       {R"({"jobs": [{"job_id": 1}, {"jo)", "{\"name\": \"\xff\xfe\"}", "not json at all"}) {
    const Error error = error_of(answer(200, body));
    EXPECT_EQ(error.code, "bad-answer") << body;
    EXPECT_EQ(error.retry, Retry::later);
    EXPECT_NE(error.message.find("cut off or broken"), std::string::npos);
  }
}

TEST(Answers, BytesMayBeAnything) {
  EXPECT_TRUE(check_answer(answer(200, "<html>a notebook</html>", {{"Content-Type", "text/html"}}),
                           "GET /x"));
  EXPECT_EQ(check_answer(refusal(404, "RESOURCE_DOES_NOT_EXIST"), "GET /x").error().code,
            "not-found");
}

TEST(Answers, MessagesAreMadeHarmless) {
  EXPECT_EQ(error_of(refusal(400, "BAD_REQUEST", "a\x1b[2Jb")).message, "a\\x1b[2Jb");
  EXPECT_LE(error_of(refusal(400, "BAD_REQUEST", std::string(100'000, 'x'))).message.size(), 2000U);
}

TEST(RetryAfter, TakesSecondsAndDates) {
  const auto after = [](const std::string& value) {
    return retry_after(answer(429, "", {{"Retry-After", value}}), fakes::kStart);
  };
  EXPECT_EQ(after("7"), Millis{7000});
  EXPECT_EQ(after("0.5"), Millis{500});
  EXPECT_EQ(after("Fri, 20 Nov 2026 09:00:05 GMT"), Millis{5000});
  EXPECT_EQ(after("Fri, 20 Nov 2026 08:00:05 GMT"), Millis{0});
  EXPECT_EQ(after("-3"), Millis{0});
  EXPECT_EQ(after("soon"), Millis{0});
  EXPECT_EQ(after("1e30"), Millis{24 * 3600 * 1000});
  EXPECT_EQ(retry_after(answer(429, ""), fakes::kStart), Millis{0});
}

}  // namespace
}  // namespace lakeshift::platforms
