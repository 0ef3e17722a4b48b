{{/*
A value as it is, after the name of its field. Quotes would change the text of the pod template, which Jobs are named after, so a text that
needs quotes is refused: with a line break it could add fields and objects.
*/}}
{{- define "service.plain" -}}
{{- if not (regexMatch "^[A-Za-z0-9/][!-+.-9;-Z^-z~-]*$" (toString (last .))) -}}
{{- fail (printf "%s: %q given; only letters, digits and marks that need no quotes in YAML are allowed. Use another value" (first .) (toString (last .))) -}}
{{- end -}}
{{- last . -}}
{{- end -}}
