using System.Net.WebSockets;
using System.Text.Json;

namespace WaitingRoom;

/// <summary>What a server tells a visitor.</summary>
/// <param name="Kind">waiting, seated or refused.</param>
/// <param name="Position">The place in the line of the room, 1 being the next.</param>
/// <param name="Seconds">The expected rest of the wait, when it is known.</param>
/// <param name="Cap">The cap that binds, or why there will be no seat.</param>
internal sealed record Frame(string Kind, int Position = 0, int? Seconds = null, string Cap = "")
{
    private const int Longest = 512;

    public const string Waiting = "waiting";
    public const string Seated = "seated";
    public const string Refused = "refused";

    public ValueTask SendAsync(WebSocket socket, CancellationToken cancellationToken) =>
        socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(this).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);

    /// <returns>Null when the other side has closed.</returns>
    public static async ValueTask<Frame?> ReceiveAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[Longest];
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            length += part.Count;
            if (part.EndOfMessage)
                return JsonSerializer.Deserialize<Frame>(buffer.AsSpan(0, length));
        }
    }
}
