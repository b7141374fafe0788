using System.Net.WebSockets;

namespace ChatRooms;

/// <summary>Reads whole text frames of at most <see cref="MaximumBytes"/> into one buffer; one reader at a time.</summary>
internal sealed class FrameReader(WebSocket socket)
{
    public const int MaximumBytes = 4096;

    private readonly byte[] _buffer = new byte[MaximumBytes];

    /// <summary>The next text frame, valid until the next call; or the reason why there is none.</summary>
    public async ValueTask<(ReadOnlyMemory<byte> Text, FrameEnd End)> NextAsync(CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            if (length == _buffer.Length)
                return (default, FrameEnd.TooBig);
            ValueWebSocketReceiveResult part;
            try
            {
                part = await socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
            }
            catch (WebSocketException)
            {
                return (default, FrameEnd.Broken);
            }
            if (part.MessageType == WebSocketMessageType.Close)
                return (default, FrameEnd.Closed);
            if (part.MessageType == WebSocketMessageType.Binary)
                return (default, FrameEnd.Binary);
            length += part.Count;
            if (part.EndOfMessage)
                return (_buffer.AsMemory(0, length), FrameEnd.None);
        }
    }
}
