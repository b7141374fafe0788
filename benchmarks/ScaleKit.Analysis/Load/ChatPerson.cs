using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace ScaleKit.Analysis.Load;

/// <summary>One user: says a thing when told to, without waiting for the answer to what was said before, and measures from the moment at which it was to be said.</summary>
internal sealed class ChatPerson(HttpClient http, Uri node, string session, string room, Action<ChatPerson> admitted) : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly ConcurrentDictionary<long, (LoadStep Step, long Due)> _open = new();
    private Task _listening = Task.CompletedTask;
    private long _said;

    public string Room => room;

    public async Task JoinAsync()
    {
        _socket.Options.KeepAliveInterval = TimeSpan.Zero;
        await _socket.ConnectAsync(new UriBuilder(new Uri(node, "ws")) { Scheme = "ws" }.Uri, CancellationToken.None);
        _listening = Task.Run(ListenAsync);
        await SendAsync($$"""{"type":"join","session":"{{session}}","room":"{{room}}"}""");
    }

    /// <summary>Posts a message that tells when it was due, so that whoever sees it knows how late it is.</summary>
    public async Task PostAsync(LoadStep step, long due)
    {
        var reference = Interlocked.Increment(ref _said);
        _open[reference] = (step, due);
        try
        {
            await SendAsync(string.Create(CultureInfo.InvariantCulture, $$"""{"type":"post","ref":"{{reference}}","text":"due {{due}} in {{step.Number}}, and the rest of a sentence as people say it"}"""));
        }
        catch (Exception broken) when (broken is WebSocketException or InvalidOperationException or OperationCanceledException)
        {
            End(reference, static (step, _) => step.Failed());
        }
    }

    /// <summary>Reads the newest page of the room over HTTP.</summary>
    public async Task ReadAsync(LoadStep step, long due)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node, $"api/rooms/{room}/messages?limit=50"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", session);
        try
        {
            using var answer = await http.SendAsync(request);
            await answer.Content.CopyToAsync(Stream.Null);
            if (answer.IsSuccessStatusCode)
            {
                step.Read(Stopwatch.GetElapsedTime(due));
            }
            else
            {
                step.Failed();
            }
        }
        catch (Exception broken) when (broken is HttpRequestException or OperationCanceledException)
        {
            step.Failed();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _listening;
        _socket.Dispose();
        _sending.Dispose();
    }

    private async Task SendAsync(string frame)
    {
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ListenAsync()
    {
        var buffer = new byte[16 * 1024];
        try
        {
            for (var length = 0; ;)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                length += part.Count;
                if (part.EndOfMessage)
                {
                    Hear(buffer.AsSpan(0, length));
                    length = 0;
                }
            }
        }
        catch (Exception gone) when (gone is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
        }

        foreach (var reference in _open.Keys)
        {
            End(reference, static (step, _) => step.Failed());
        }
    }

    private void Hear(ReadOnlySpan<byte> frame)
    {
        var (type, text, reference) = ("", "", 0L);
        var json = new Utf8JsonReader(frame);
        while (json.Read())
        {
            if (json.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            if (json.ValueTextEquals("type"u8) && json.Read())
            {
                type = json.ValueTextEquals("ack"u8) ? "ack" : json.ValueTextEquals("message"u8) ? "message" : json.GetString()!;
            }
            else if (json.ValueTextEquals("text"u8) && json.Read())
            {
                text = json.GetString()!;
            }
            else if (json.ValueTextEquals("ref"u8) && json.Read() && json.TokenType == JsonTokenType.String)
            {
                _ = Utf8Parser.TryParse(json.ValueSpan, out reference, out _);
            }
            else
            {
                json.Skip();
            }
        }

        switch (type)
        {
            case "ack":
                End(reference, static (step, due) => step.Posted(Stopwatch.GetElapsedTime(due)));
                break;
            case "message":
                LoadStep.Delivered(text);
                break;
            case "admitted":
                admitted(this);
                break;
            case "error" or "limited" or "refused":
                End(reference, static (step, _) => step.Failed());
                break;
        }
    }

    private void End(long reference, Action<LoadStep, long> end)
    {
        if (_open.TryRemove(reference, out var said))
        {
            end(said.Step, said.Due);
        }
    }
}
