using System.Text.Json.Serialization;

namespace ScaleKit.Migration;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(MigrationState))]
[JsonSerializable(typeof(MigrationAuditRecord))]
[JsonSerializable(typeof(BackfillCheckpoint))]
internal sealed partial class JournalJson : JsonSerializerContext;
