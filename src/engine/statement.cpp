#include "engine/statement.h"

#include <algorithm>
#include <optional>

#include "engine/database.h"
#include "engine/sql_scanner.h"

namespace tallystick::engine {

namespace {

std::unexpected<base::Error> refuse_files(std::string_view clause) {
  return base::fail(base::ErrorKind::kInvalid, "48", std::string(clause) + " is not available over HTTP");
}

// ClickHouse's rule: after the format's name, white space up to and with the first end of line is no data.
std::size_t find_data_begin(std::string_view sql, std::size_t position) {
  while (position < sql.size() && (sql[position] == ' ' || sql[position] == '\t' || sql[position] == '\r')) {
    ++position;
  }
  if (position < sql.size() && sql[position] == ';') {
    ++position;
  }
  while (position < sql.size() && (sql[position] == ' ' || sql[position] == '\t' || sql[position] == '\r')) {
    ++position;
  }
  return position < sql.size() && sql[position] == '\n' ? position + 1 : position;
}

// Past "db.table", a name in quotes, {name:Identifier} or FUNCTION f(...); `token` becomes the first token behind it.
// Nothing: there is no such target, or half of one.
std::optional<std::size_t> skip_target(SqlScanner& scanner, Token& token) {
  if (token.is_word("TABLE")) {
    token = scanner.next();
  }
  const bool is_function = token.is_word("FUNCTION");
  if (is_function) {
    token = scanner.next();
  }
  std::size_t end = token.end();
  bool expects_name = true;
  while (token.kind != TokenKind::kEnd) {
    if (token.is_symbol('{') || (is_function && token.is_symbol('('))) {
      const int outside = scanner.depth() - 1;
      while (token.kind != TokenKind::kEnd && scanner.depth() > outside) {
        token = scanner.next();
      }
      expects_name = false;
    } else if (token.is_symbol('.')) {
      expects_name = true;
    } else if (expects_name && (token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedName)) {
      expects_name = false;
    } else {
      break;
    }
    end = token.end();
    token = scanner.next();
  }
  return expects_name ? std::nullopt : std::optional(end);
}

// `token` becomes the last one that was read: what is no insert of data is looked through from there.
base::Result<Statement> parse_insert(std::string_view sql, SqlScanner& scanner, Token& token) {
  Statement statement;
  token = scanner.next();
  if (!token.is_word("INTO")) {
    return statement;  // the engine will say what is wrong
  }
  token = scanner.next();
  const std::optional<std::size_t> target_end = skip_target(scanner, token);
  if (!target_end) {
    return statement;
  }
  statement.target_end = *target_end;
  if (token.is_symbol('(')) {
    token = scanner.next();
    if (token.is_word("SELECT") || token.is_word("WITH")) {
      return statement;
    }
    while (token.kind != TokenKind::kEnd && scanner.depth() > 0) {
      token = scanner.next();
    }
    statement.target_end = token.end();
    token = scanner.next();
  }
  for (; token.kind != TokenKind::kEnd; token = scanner.next()) {
    if (scanner.depth() > 0) {
      continue;
    }
    if (token.is_word("FROM")) {
      return refuse_files("FROM INFILE");
    }
    if (token.is_word("SELECT") || token.is_word("WITH") || token.is_symbol('(') || token.is_symbol(';')) {
      return statement;
    }
    if (token.is_word("VALUES") || token.is_word("FORMAT")) {
      statement.clause_begin = token.begin;
      token = token.is_word("VALUES") ? token : scanner.next();  // the format's name
      statement.format = token.text;
      statement.is_values = token.is_word("VALUES");
      statement.data_begin = find_data_begin(sql, token.end());
      statement.is_insert_of_data = token.kind == TokenKind::kWord;
      return statement;
    }
  }
  return statement;
}

}  // namespace

base::Result<Statement> parse_statement(std::string_view sql) {
  SqlScanner scanner(sql);
  Statement statement;
  Token token = scanner.next();
  if (token.is_word("INSERT")) {
    TALLY_ASSIGN(statement, parse_insert(sql, scanner, token));
    // VALUES in the text may hold expressions and parameters; the engine reads them as SQL.
    const bool is_sql = statement.is_values && statement.data_begin < sql.size();
    if (statement.is_insert_of_data && !is_sql) {
      return statement;
    }
    statement = {};
  }
  Token previous;
  bool is_over = false;
  for (; token.kind != TokenKind::kEnd; previous = token, token = scanner.next()) {
    if (is_over && !token.is_symbol(';')) {
      return base::fail(base::ErrorKind::kInvalid, "62", "Syntax error: multi-statements are not allowed");
    }
    if (scanner.depth() > 0) {
      continue;
    }
    if (token.is_symbol(';')) {
      is_over = true;
    } else if (previous.is_word("INTO") && token.is_word("OUTFILE")) {
      return refuse_files("INTO OUTFILE");
    } else if (previous.is_word("FORMAT") && token.kind == TokenKind::kWord) {
      statement.format = token.text;
    }
  }
  return statement;
}

std::string rewrite_insert(std::string_view sql,
                           const Statement& statement,
                           std::string_view file,
                           std::string_view compression) {
  std::string out(sql.substr(0, statement.target_end));
  out.append(" FROM INFILE ").append(quote_text(file));
  if (!compression.empty()) {
    out.append(" COMPRESSION ").append(quote_text(compression));
  }
  out.append(" ").append(sql.substr(statement.target_end, statement.clause_begin - statement.target_end));
  return out.append("FORMAT ").append(statement.is_values ? "Values" : statement.format);
}

}  // namespace tallystick::engine
