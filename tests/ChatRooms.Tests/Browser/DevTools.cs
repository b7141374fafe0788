using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace ChatRooms.Tests;

/// <summary>Chromium's DevTools protocol over one WebSocket: calls by number, and events.</summary>
internal sealed class DevTools : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _calls = new();
    private Task _listening = Task.CompletedTask;
    private int _last;

    private DevTools()
    {
    }

    /// <summary>Method, session and parameters of what the browser says unasked.</summary>
    public event Action<string, string, JsonNode>? Said;

    public static async Task<DevTools> ConnectAsync(Uri address)
    {
        var tools = new DevTools();
        await tools._socket.ConnectAsync(address, CancellationToken.None);
        tools._listening = Task.Run(tools.ListenAsync);
        return tools;
    }

    public async Task<JsonNode> SendAsync(string method, JsonObject? parameters = null, string? session = null)
    {
        var number = Interlocked.Increment(ref _last);
        var answer = _calls.GetOrAdd(number, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        var call = new JsonObject { ["id"] = number, ["method"] = method, ["params"] = parameters ?? [] };
        if (session is not null)
            call["sessionId"] = session;
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(call), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
        return await answer.Task.WaitAsync(Patience, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _listening;
        _socket.Dispose();
        _sending.Dispose();
    }

    private async Task ListenAsync()
    {
        var buffer = new byte[64 * 1024];
        using var whole = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close)
                    return;
                whole.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage)
                    continue;
                Hear(JsonNode.Parse(whole.GetBuffer().AsSpan(0, (int)whole.Length))!);
                whole.SetLength(0);
            }
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            foreach (var call in _calls.Values)
                call.TrySetException(new InvalidOperationException("The browser is gone.", gone));
        }
    }

    private void Hear(JsonNode message)
    {
        if (message["id"]?.GetValue<int>() is not { } number)
            Said?.Invoke(message["method"]!.GetValue<string>(), message["sessionId"]?.GetValue<string>() ?? "", message["params"]!);
        else if (_calls.TryRemove(number, out var call) && message["error"] is { } error)
            call.TrySetException(new InvalidOperationException(error.ToJsonString()));
        else
            call?.TrySetResult(message["result"]!);
    }
}
