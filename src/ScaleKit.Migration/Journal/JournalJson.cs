using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ScaleKit.Migration;

/// <summary>
/// The documents of a journal. Whoever may write to the store of the journal may have written anything. The reader sets what a document lacks to the default of its type,
/// not to the initialiser's: lists and records that are never null see to that themselves.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(MigrationState))]
[JsonSerializable(typeof(MigrationAuditRecord))]
[JsonSerializable(typeof(BackfillCheckpoint))]
internal sealed partial class JournalJson : JsonSerializerContext
{
    /// <exception cref="MigrationStateException">The text is not such a document.</exception>
    public static T Read<T>(string text, JsonTypeInfo<T> type, string what)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(text, type) ?? throw new JsonException("It is null.");
        }
        catch (Exception broken) when (broken is JsonException or ArgumentException)
        {
            // The other one: half of a surrogate pair.
            throw new MigrationStateException($"{what} cannot be read: {Shown.Of(text)}", broken);
        }
    }
}
