using System.Net.WebSockets;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;

namespace ChatRooms;

/// <summary>
/// The one writer of a socket. Frames wait in a bounded queue, so that a browser that does not read holds up nobody else;
/// when its queue is full the connection is given up.
/// </summary>
internal sealed class Outbox(WebSocket socket)
{
    private const int Capacity = 256;

    private static readonly TimeSpan LongestSend = TimeSpan.FromSeconds(10);

    private readonly Channel<ReadOnlyMemory<byte>> _frames =
        Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    public void Send<T>(T frame, JsonTypeInfo<T> type) => Send(JsonSerializer.SerializeToUtf8Bytes(frame, type));

    /// <summary>The same bytes may be sent to any number of outboxes.</summary>
    public void Send(ReadOnlyMemory<byte> frame)
    {
        if (!_frames.Writer.TryWrite(frame))
            GiveUp();
    }

    /// <summary>Cuts the connection: whoever reads from it learns it at once.</summary>
    public void GiveUp()
    {
        if (_frames.Writer.TryComplete())
            socket.Abort();
    }

    public void Complete() => _frames.Writer.TryComplete();

    /// <summary>Ends when the outbox is complete and empty, or the socket is gone.</summary>
    public async Task RunAsync()
    {
        try
        {
            await foreach (var frame in _frames.Reader.ReadAllAsync())
            {
                using var patience = new CancellationTokenSource(LongestSend);
                await socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, patience.Token);
            }
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            _frames.Writer.TryComplete();
            socket.Abort();
        }
    }
}
