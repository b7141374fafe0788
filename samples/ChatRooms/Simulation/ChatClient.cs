using System.Net.WebSockets;
using System.Threading.Channels;

namespace ChatRooms;

/// <summary>A client of the chat socket: a real WebSocket, read in the background.</summary>
internal sealed class ChatClient : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly Channel<ReceivedFrame> _answers = Channel.CreateUnbounded<ReceivedFrame>(new UnboundedChannelOptions { SingleWriter = true });
    private readonly CancellationTokenSource _closed = new();
    private readonly Action<ReceivedFrame>? _onMessage;
    private Task _reading = Task.CompletedTask;

    /// <summary>Messages of others go to <paramref name="onMessage"/>; every other frame waits for <see cref="NextAsync"/>.</summary>
    public ChatClient(Action<ReceivedFrame>? onMessage = null)
    {
        _onMessage = onMessage;
        _socket.Options.KeepAliveInterval = TimeSpan.Zero;
        _socket.Options.CollectHttpResponseDetails = true;
    }

    /// <summary>Cancelled when the connection has ended, by whomever.</summary>
    public CancellationToken Closed => _closed.Token;

    /// <summary>The node behind the proxy; null where there is no proxy.</summary>
    public string? Node { get; private set; }

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public async Task ConnectAsync(Uri server, HttpMessageInvoker invoker, CancellationToken cancellationToken)
    {
        var url = new UriBuilder(server) { Scheme = "ws", Path = "/ws" }.Uri;
        await _socket.ConnectAsync(url, invoker, cancellationToken);
        Node = _socket.HttpResponseHeaders?.TryGetValue(ReverseProxy.NodeHeader, out var nodes) == true ? nodes.FirstOrDefault() : null;
        _socket.HttpResponseHeaders = null;
        _reading = ReadAsync();
    }

    public ValueTask SendAsync(ClientFrame frame, CancellationToken cancellationToken) =>
        SendAsync(JsonSerializer.SerializeToUtf8Bytes(frame, ChatJson.Default.ClientFrame), WebSocketMessageType.Text, cancellationToken);

    public ValueTask SendAsync(ReadOnlyMemory<byte> frame, WebSocketMessageType type, CancellationToken cancellationToken) =>
        _socket.SendAsync(frame, type, endOfMessage: true, cancellationToken);

    /// <summary>The next frame that is no chat message; null when the server closed the socket.</summary>
    public async ValueTask<ReceivedFrame?> NextAsync(CancellationToken cancellationToken)
    {
        while (await _answers.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_answers.Reader.TryRead(out var frame))
                return frame;
        }
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, patience.Token);
            await _reading.WaitAsync(patience.Token);
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException)
        {
            _socket.Abort();
            await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        _socket.Dispose();
        _closed.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[16 * 1024];
        var length = 0;
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close)
                    break;
                length += part.Count;
                if (!part.EndOfMessage)
                    continue;
                Hand(JsonSerializer.Deserialize(buffer.AsSpan(0, length), ChatJson.Default.ReceivedFrame)!);
                length = 0;
            }
        }
        catch (Exception failure) when (failure is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection broke: whoever waits for an answer learns it from the completed channel.
        }
        finally
        {
            _answers.Writer.TryComplete();
            await _closed.CancelAsync();
        }
    }

    private void Hand(ReceivedFrame frame)
    {
        if (frame.Type == "message")
            _onMessage?.Invoke(frame);
        else if (frame.Type != "presence")
            _answers.Writer.TryWrite(frame);
    }
}
