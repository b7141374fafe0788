using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ScaleKit.Sharding;

/// <summary>
/// Topologies as JSON (docs/placement.md), to be kept where all processes read them. What is read is checked: a document that is cut off, edited by hand into a
/// contradiction, stale, or whose fingerprint does not fit never becomes a topology. Thread-safe.
/// </summary>
public static class TopologyJson
{
    /// <summary>Longest document that is read, in characters.</summary>
    /// <value>67,108,864</value>
    public const int MaximumLength = 67_108_864;

    /// <summary>Writes a topology without payloads, for those that must not be in a document, such as passwords.</summary>
    /// <typeparam name="TShard">What the application keeps for a shard.</typeparam>
    /// <param name="topology">The topology.</param>
    /// <exception cref="ArgumentNullException"><paramref name="topology"/> is null.</exception>
    public static string Write<TShard>(Topology<TShard> topology)
    {
        ArgumentNullException.ThrowIfNull(topology);
        return Write(topology, static (_, _) => { });
    }

    /// <summary>Writes a topology with its payloads.</summary>
    /// <typeparam name="TShard">What the application keeps for a shard.</typeparam>
    /// <param name="topology">The topology.</param>
    /// <param name="payloadType">How a payload is written.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static string Write<TShard>(Topology<TShard> topology, JsonTypeInfo<TShard> payloadType)
    {
        ArgumentNullException.ThrowIfNull(topology);
        ArgumentNullException.ThrowIfNull(payloadType);
        return Write(topology, (json, shard) =>
        {
            json.WritePropertyName("payload");
            JsonSerializer.Serialize(json, shard.Payload, payloadType);
        });
    }

    /// <summary>Reads a topology and takes the payloads from the application.</summary>
    /// <typeparam name="TShard">What the application keeps for a shard.</typeparam>
    /// <param name="json">The document.</param>
    /// <param name="payloadOf">Gives the payload of a shard id.</param>
    /// <param name="newerThan">The version in force: the document's must be higher. Default 0, any.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="TopologyFormatException">The document is not a valid topology.</exception>
    /// <exception cref="StaleTopologyException">The document's version is not above <paramref name="newerThan"/>.</exception>
    public static Topology<TShard> Read<TShard>(string json, Func<string, TShard> payloadOf, long newerThan = 0)
    {
        ArgumentNullException.ThrowIfNull(payloadOf);
        return Parse(json, (id, _) => payloadOf(id), newerThan);
    }

    /// <summary>Reads a topology with its payloads.</summary>
    /// <typeparam name="TShard">What the application keeps for a shard.</typeparam>
    /// <param name="json">The document.</param>
    /// <param name="payloadType">How a payload is read.</param>
    /// <param name="newerThan">The version in force: the document's must be higher. Default 0, any.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="TopologyFormatException">The document is not a valid topology.</exception>
    /// <exception cref="StaleTopologyException">The document's version is not above <paramref name="newerThan"/>.</exception>
    public static Topology<TShard> Read<TShard>(string json, JsonTypeInfo<TShard> payloadType, long newerThan = 0)
    {
        ArgumentNullException.ThrowIfNull(payloadType);
        return Parse(
            json,
            (id, shard) => shard.TryGetProperty("payload", out var payload)
                ? payload.Deserialize(payloadType)!
                : throw new TopologyFormatException($"Shard '{id}' has no 'payload'."),
            newerThan);
    }

    private static string Write<TShard>(Topology<TShard> topology, Action<Utf8JsonWriter, Shard<TShard>> payload)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            TopologyWriter.Write(json, topology, payload);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static Topology<TShard> Parse<TShard>(string json, Func<string, JsonElement, TShard> payload, long newerThan)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (json.Length > MaximumLength)
        {
            throw new TopologyFormatException($"The document has {json.Length} characters; {MaximumLength} is the limit.");
        }

        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return TopologyReader.Read(document.RootElement, payload, newerThan);
        }
        catch (Exception error) when (IsAboutTheDocument(error))
        {
            throw new TopologyFormatException($"The document is not a valid topology: {error.Message}", error);
        }
    }

    private static bool IsAboutTheDocument(Exception error) =>
        error is JsonException or ArgumentException
        || (error is InvalidOperationException and not StaleTopologyException)
        || (error is FormatException and not TopologyFormatException);
}
