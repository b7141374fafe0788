using System.Text.Json.Serialization.Metadata;

namespace ChatRooms;

/// <summary>Reads a small JSON body and says plainly what is wrong with it.</summary>
internal static class JsonBody
{
    public const int MaximumBytes = 4096;

    public static async Task<(T? Value, IResult? Problem)> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        if (!request.HasJsonContentType())
            return (null, Problems.Of(415, "The body must be JSON", "Send the header content-type: application/json."));
        var buffer = new byte[MaximumBytes + 1];
        int length;
        try
        {
            length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        }
        catch (BadHttpRequestException failure)
        {
            return (null, Problems.Of(failure.StatusCode, "The body cannot be read", "It is longer than the server reads, or was cut off."));
        }
        if (length > MaximumBytes)
            return (null, Problems.Of(413, "The body is too long", $"At most {MaximumBytes} bytes are read."));
        try
        {
            var value = JsonSerializer.Deserialize(buffer.AsSpan(0, length), type);
            return value is null ? (null, Problems.Of(400, "The body is empty", "A JSON object is expected.")) : (value, null);
        }
        catch (JsonException failure)
        {
            return (null, Problems.Of(400, "The body is not the JSON that is expected here", $"At line {failure.LineNumber + 1}, byte {failure.BytePositionInLine + 1}."));
        }
    }
}
