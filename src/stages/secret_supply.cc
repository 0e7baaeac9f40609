#include "stages/secret_supply.h"

#include <yaml-cpp/yaml.h>

#include <set>

#include "core/base/json.h"
#include "core/base/strings.h"

namespace lakeshift::stages {
namespace {

Error unavailable(const SecretName& name, const std::string& why) {
  return Error{"secret-unavailable", why, "secret '" + name.to_text() + "'",
               "give its value in a secrets file ('secrets_file' in lakeshift.yaml), or allow a "
               "run in the source "
               "('secrets_from: cluster' and 'allow_source_runs: true')"};
}

class ApiSecrets final : public SecretSource {
 public:
  ApiSecrets(engine::Platform& source, std::stop_token stop)
      : source_(source), stop_(std::move(stop)) {}

  Result<world::Secret> value(const SecretName& name) override {
    engine::Call call;
    call.path = "/api/2.0/secrets/get";
    call.query = {{"scope", name.scope}, {"key", name.key}};
    auto answer = source_.call(call, stop_);
    if (!answer) {
      if (answer.error().retry != Retry::never || answer.error().code == "cancelled")
        return fail(std::move(answer).error());
      Error error =
          unavailable(name, "the API of '" + source_.side() + "' does not give its value");
      error.cause = std::make_shared<const Error>(std::move(answer).error());
      return fail(std::move(error));
    }
    if (!member(*answer, "value").is_string())
      return fail(unavailable(name, "the API of '" + source_.side() + "' answers without a value"));
    auto bytes = base64_decode(member(*answer, "value").get_ref<const std::string&>());
    if (!bytes)
      return fail(unavailable(
          name, "the API of '" + source_.side() + "' answers with a value that is not base64"));
    return world::Secret(std::move(*bytes));
  }
  std::string describe() const override { return "the API of '" + source_.side() + "'"; }

 private:
  engine::Platform& source_;
  std::stop_token stop_;
};

class FileSecrets final : public SecretSource {
 public:
  FileSecrets(std::map<SecretName, world::Secret> values, std::string file)
      : values_(std::move(values)), file_(std::move(file)) {}

  Result<world::Secret> value(const SecretName& name) override {
    const auto found = values_.find(name);
    if (found != values_.end()) return found->second;
    std::vector<std::string> known;
    for (const auto& [other, value] : values_) known.push_back(other.to_text());
    const std::string near = closest(name.to_text(), known);
    Error error = unavailable(name, describe() + " does not have it");
    if (!near.empty())
      error.remedy = "the file has '" + near + "': is it the same? else " + error.remedy;
    return fail(std::move(error));
  }
  std::string describe() const override { return "the secrets file " + file_; }

 private:
  const std::map<SecretName, world::Secret> values_;
  const std::string file_;
};

class FirstOf final : public SecretSource {
 public:
  explicit FirstOf(std::vector<std::unique_ptr<SecretSource>> sources)
      : sources_(std::move(sources)) {}

  Result<world::Secret> value(const SecretName& name) override {
    Error refused = unavailable(name, "no source of secret values is configured");
    for (const auto& source : sources_) {
      auto value = source->value(name);
      if (value || value.error().code != "secret-unavailable") return value;
      const bool first = source == sources_.front();
      Error next = std::move(value).error();
      // The chain of causes tells what every source said.
      if (!first && !next.cause) next.cause = std::make_shared<const Error>(std::move(refused));
      refused = std::move(next);
    }
    return fail(std::move(refused));
  }
  std::string describe() const override {
    std::vector<std::string> names;
    for (const auto& source : sources_) names.push_back(source->describe());
    return join(names, ", then ");
  }

 private:
  std::vector<std::unique_ptr<SecretSource>> sources_;
};

tl::unexpected<Error> bad_file(const std::string& file, const YAML::Mark& mark,
                               const std::string& what) {
  return fail("bad-secrets-file", what,
              mark.line < 0 ? file : file + ":" + std::to_string(mark.line + 1),
              "write it as a map of scopes, each a map of keys and values");
}

Result<std::map<SecretName, world::Secret>> read_values(const YAML::Node& root,
                                                        const std::string& file) {
  std::map<SecretName, world::Secret> values;
  if (!root.IsMap()) return bad_file(file, root.Mark(), "the file is not a map of scopes");
  for (const auto& scope : root) {
    if (!scope.first.IsScalar() || !scope.second.IsMap())
      return bad_file(file, scope.second.Mark(), "a scope is not a map of keys and values");
    for (const auto& entry : scope.second) {
      const SecretName name{scope.first.Scalar(),
                            entry.first.IsScalar() ? entry.first.Scalar() : std::string()};
      if (name.key.empty() || !entry.second.IsScalar())
        return bad_file(file, entry.second.Mark(),
                        "a value of scope '" + name.scope + "' is not a text");
      if (!values.emplace(name, world::Secret(entry.second.Scalar())).second)
        return bad_file(file, entry.first.Mark(), "'" + name.to_text() + "' is there twice");
    }
  }
  return values;
}

void collect_secrets(const Json& value, std::set<SecretName>& names) {
  if (value.is_object()) {
    const Json& secret = member(value, "$secret");
    if (secret.is_object()) names.insert({text_at(secret, "scope"), text_at(secret, "key")});
    for (const auto& [name, inner] : value.items()) collect_secrets(inner, names);
  } else if (value.is_array()) {
    for (const Json& inner : value) collect_secrets(inner, names);
  }
}

}  // namespace

std::unique_ptr<SecretSource> secrets_of_api(engine::Platform& source, std::stop_token stop) {
  return std::make_unique<ApiSecrets>(source, std::move(stop));
}

Result<std::unique_ptr<SecretSource>> secrets_of_file(std::string_view yaml,
                                                      const std::string& file_name) {
  try {
    LS_ASSIGN(auto values, read_values(YAML::Load(std::string(yaml)), file_name));
    return std::make_unique<FileSecrets>(std::move(values), file_name);
  } catch (const YAML::Exception& error) {
    // The library's message may quote the text: only the place is told.
    return bad_file(file_name, error.mark, "the file is not YAML");
  }
}

std::unique_ptr<SecretSource> first_of(std::vector<std::unique_ptr<SecretSource>> sources) {
  return std::make_unique<FirstOf>(std::move(sources));
}

std::function<Result<std::string>(const Json&)> supply_from(SecretSource& source) {
  return [&source](const Json& reference) -> Result<std::string> {
    const Json& inner = reference.is_object() && reference.contains("$secret")
                            ? member(reference, "$secret")
                            : reference;
    LS_ASSIGN(const world::Secret value,
              source.value({text_at(inner, "scope"), text_at(inner, "key")}));
    return std::string(value.reveal());
  };
}

std::vector<SecretName> secrets_in(const model::Plan& plan) {
  std::set<SecretName> names;
  for (const model::Change& change : plan.changes)
    for (const model::Action& action : change.actions) collect_secrets(action.body, names);
  return {names.begin(), names.end()};
}

}  // namespace lakeshift::stages
