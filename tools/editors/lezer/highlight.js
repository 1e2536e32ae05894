// How nodes are coloured, in the standard tags of Lezer; themes of CodeMirror know these.
import { styleTags, tags } from "@lezer/highlight";

export const highlighting = styleTags({
  Keyword: tags.keyword,
  "Direction Preferred BodyFormat BodyKind NextPart ExpiresHow Outcome": tags.modifier,
  ControlKeyword: tags.controlKeyword,
  "OperatorKeyword CompareOperator": tags.operatorKeyword,
  Operator: tags.operator,
  Method: tags.standard(tags.keyword),
  "TargetText PathText": tags.url,
  Category: tags.annotation,
  TypeName: tags.typeName,
  "FieldName Key OddName ArgumentName": tags.propertyName,
  "Path MemberName": tags.propertyName,
  "Function": tags.function(tags.variableName),
  Variable: tags.variableName,
  Name: tags.definition(tags.variableName),
  "Number Status LengthNumber EditionNumber RateUnit": tags.number,
  Boolean: tags.bool,
  Null: tags.null,
  "String/... RawString": tags.string,
  "String/Hole": tags.special(tags.brace),
  Comment: tags.lineComment,
  DocComment: tags.docComment,
});
