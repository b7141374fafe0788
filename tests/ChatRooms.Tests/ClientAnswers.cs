using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace ChatRooms.Tests;

internal static class ClientAnswers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The next frame of that type; others are passed over.</summary>
    public static async Task<ReceivedFrame> ExpectAsync(this ChatClient client, string type)
    {
        using var patience = new CancellationTokenSource(Patience);
        var others = new List<string>();
        try
        {
            while (await client.NextAsync(patience.Token) is { } frame)
            {
                if (frame.Type == type)
                    return frame;
                others.Add(frame.Type);
            }
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException($"No frame of type {type} came within {Patience.TotalSeconds:0} s, but: {string.Join(", ", others)}.", late);
        }
        throw new InvalidOperationException($"The server closed the socket ({client.CloseStatus}) without a frame of type {type}.");
    }

    public static async Task<System.Net.WebSockets.WebSocketCloseStatus?> ExpectCloseAsync(this ChatClient client)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (await client.NextAsync(patience.Token) is not null)
        {
        }
        return client.CloseStatus;
    }

    /// <summary>Checks that the answer is problem details of that status with a title and a detail, and gives its text.</summary>
    public static async Task<string> AssertProblemAsync(this HttpResponseMessage answer, int status)
    {
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var text = await answer.Content.ReadAsStringAsync();
        using var problem = JsonDocument.Parse(text);
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.RootElement.GetProperty("title").GetString()!);
        return text;
    }

    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    public static ByteArrayContent Bytes(byte[] bytes)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    public static HttpRequestMessage Request(HttpMethod method, Uri url, SessionAnswer? session = null, HttpContent? content = null)
    {
        var request = new HttpRequestMessage(method, url) { Content = content };
        if (session is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", session.Session);
        return request;
    }
}
