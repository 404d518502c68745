// Says what RE2, as Go has it, makes of patterns: the data that the redaction plugin's translation is
// held against (plugins/redaction/src/re2/go.jsonl).
//
//	cd tests/reference/re2 && go run . > ../../../plugins/redaction/src/re2/go.jsonl
package main

import (
	"encoding/json"
	"os"
	"regexp"
)

var patterns = []string{
	``, `a`, `a|b`, `ab*c`, `a+?b`, `(a)(b)`, `(?P<n>a)b`, `(?<n>a)b`, `(?:ab)+`, `.`, `.*`, `.+`, `^a`, `a$`, `^`, `$`, `(?m)^a`, `(?m)a$`, `(?s).+`, `(?s)a.b`,
	`(?i)k`, `(?i)s`, `(?i)password`, `(?i:s)S`, `a(?i)b|c`, `(a(?i)b)c`, `(?i)пароль`, `(?i)[k-s]`, `(?i)[^k]`, `(?i)\w`, `(?i)\W`, `(?i)[\W]`, `(?i)[[:alpha:]]+`, `(?i)\p{Lu}`, `(?U)a+`, `(?U)a+?`, `(?-i)a`, `(?i-s)A.`, `(?)a`, `(?:)`,
	`\d+`, `\D+`, `\s+`, `\S+`, `\w+`, `\W+`, `\bk`, `k\b`, `\Bk`, `\B`, `\b`, `\b\d{3}\b`, `[\d]+`, `[^\d]+`, `[\s]+`, `[^\s]+`, `[\w-]+`, `[\w.-]+@[\w]+`, `[^\w]`, `[\D]`, `[\S\d]`, `[a\]]`,
	`[[:digit:]]+`, `[[:^digit:]]+`, `[[:space:]]+`, `[[:word:]]+`, `[[:punct:]]+`, `[[:alnum:]_\-]{2,}`, `[^[:alpha:]]`, `[[:alpha:][:digit:]]+`, `[[:graph:]]`, `[[:print:]]`, `[[:cntrl:]]`, `[[:blank:]]`, `[[:ascii:]]+`, `[[:xdigit:]]+`, `[[:upper:]]`, `[[:lower:]]`,
	`[[:foo:]]`, `[[:foo]`, `[[]`, `[[a]`, `[]a]`, `[^]a]`, `[a-]`, `[-a]`, `[a-c-e]+`, `[--/]`, `[a&&b]+`, `[a~~b]`, `[a--b]`, `[[a][b]]`, `[a|b]`, `[.]`, `[$^]`, `[#]`, `[ ]`, `[b-a]`, `[a-\d]`, `[\d-z]+`, `[a`, `[]`, `[^]`, `[\b]`, `[\Qa]`,
	`\pN`, `\p{N}+`, `\p{^N}+`, `\PN`, `\P{N}`, `\P{^N}`, `\p{Greek}`, `\p{Cyrillic}{4,}: [\p{Cyrillic}\d]+`, `[\p{Greek}a]+`, `[^\p{L}]+`, `\p{Nope}`, `\p`, `\p{`, `\p{}`, `\pz`, `\p{L}\p{Lu}`, `\p{Han}+`, `\p{Sc}`, `\p{Lo}`, `\p{Zs}`, `\p{Any}`,
	`\Qa.b\E+`, `\Q[\E]`, `\Qa`, `\Q\E`, `a\Q*\E`, `\E`, `\a`, `\f`, `\n`, `\r`, `\t`, `\v`, `\e`, `\0`, `\12`, `\1`, `\8`, `\01`, `\141`, `\x41`, `\x{41}`, `\x{1F511}`, `\x4`, `\x{}`, `\x{110000}`, `\xzz`, `\.`, `\-`, `\/`, `\"`, `\'`, `\ `, `\<`, `\>`, `\_`, `\q`, `\Z`, `\A`, `\z`, `\Aa\z`, `\C`, `\G`, `\`, `\é`,
	`a{2}`, `a{2,}`, `a{1,2}`, `a{,2}`, `a{2`, `a{}`, `a{x}`, `{`, `}`, `a}`, `{2}`, `a{1000}`, `a{1001}`, `a{2,1}`, `a{02}`, `a{2}{3}`, `a**`, `a*?`, `a*+`, `a++`, `a??`, `a???`, `a{2}?`, `*a`, `|*`, `(*)`, `(`, `)`, `(a`, `a)`, `()`, `()*`, `(|a)*`, `(?`, `(?z)`, `(?i`, `(?i:a`, `(?=a)`, `(?!a)`, `(?<=a)`, `(?<!a)`, `(?P<a`, `(?P<>a)`, `(?P=a)`, `(?#c)`, `(?-)`, `(?i-)a`, `(?x) a`, `^*`, `\b+`, `(?:^)*`,
	`a#b`, `a b`, `a&b`, `a~b`, `a-b`, `]`, `a]`, `<a>`, `/a/`, `"`, `'`,
	`AKIA.*`, `sk-.*`, `ghp_.*`, `-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----`, `4[0-9]{12}(?:[0-9]{3})?`, `(?i)(?:api[_-]?key|token|secret)[\"']?\s*[:=]\s*[\"']?[^\s\"',;]+`, `\b(?:\d{4}[ -]?){3}\d{4}\b`, `://[^\s:@/]+:[^\s@/]+@`, `(?m)^export \w*(?:KEY|TOKEN|SECRET)\w*=.*$`, `密码[:：]\s*[^\s,]+`, `[\w.+-]+@[\w-]+\.[\w.-]+`, `^(?:\d[ -]*?){13,16}$`, `\b\d{1,3}(\.\d{1,3}){3}\b`,
}

var texts = []string{
	"", "a", "b", "ab", "abb c", "aab aaa ABC", "K\u212ak s\u017fS", "password=hunter2 PA\u017f\u017fWORD", "\u043f\u0430\u0440\u043e\u043b\u044c: x\u041f\u0410\u0420\u041e\u041b\u042c12", "1\u06622 \u0665", "a\u00a0b\u2003c\td\ve\ff\rg\nh", "\u00e9a k\u00e9 \u00e9k_k", "x\u0301\u1f511 \U0001f511", "\u03b1\u03b2\u0393 a\u03c9", "\u5bc6\u7801\uff1a x, \u5ba2\u6237.\u90ae\u7bb1",
	"a.b [x] {2} a{x} a{,2} a}b]c <a> /a/ \"q\" 'r' a&&b a~~b a--b #c$^| \\E -", "\x01\x07\x08\x0c\x7f\n", "line one\nAKIA1234567890ABCDEF tail\nsk-abc ghp_x\n", "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", "4111111111111111 4111 1111 1111 1111", "api_key: \"x y\" TOKEN='abc'", "https://u:p@h/ 10.0.0.1", "export A_TOKEN=1\nexport B=2", "ada@example.com",
}

func main() {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(texts); err != nil {
		panic(err)
	}
	for _, pattern := range patterns {
		line := []any{pattern}
		re, err := regexp.Compile(pattern)
		if err == nil {
			all := make([][][]int, len(texts))
			for i, text := range texts {
				all[i] = re.FindAllStringIndex(text, -1)
			}
			line = append(line, all)
		}
		if err := encoder.Encode(line); err != nil {
			panic(err)
		}
	}
}
