using System.Net;

namespace ChatRooms.Tests;

public sealed class SessionEndpointsTests(ChatHost host) : IClassFixture<ChatHost>
{
    private Uri Current => new(host.Server, "api/sessions/current");

    [Fact]
    public async Task Session_OpenShowEnd_WorksAndIsGone()
    {
        var (http, session) = await host.NewPersonAsync("Grace");
        using var shown = await http.SendAsync(ClientAnswers.Request(HttpMethod.Get, Current, session));
        Assert.Equal("Grace", (await shown.Content.ReadFromJsonAsync(ChatJson.Default.SessionAnswer))!.Nickname);

        using var ended = await http.SendAsync(ClientAnswers.Request(HttpMethod.Delete, Current, session));
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);

        using var after = await http.SendAsync(ClientAnswers.Request(HttpMethod.Get, Current, session));
        await after.AssertProblemAsync(401);
    }

    [Fact]
    public async Task OpenSession_PastTheLimit_SaysWhenToComeBack()
    {
        var http = host.NewClient();
        HttpResponseMessage answer;
        var opened = 0;
        while ((answer = await http.PostAsync(new Uri(host.Server, "api/sessions"), ClientAnswers.Json("{\"nickname\":\"Ada\"}"))).StatusCode == HttpStatusCode.Created)
        {
            opened++;
            answer.Dispose();
        }

        Assert.Equal(20, opened);
        await answer.AssertProblemAsync(429);
        // A minute and, as permits come back in sixteenths of the window, at most four seconds more.
        Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 64);
        Assert.True(answer.Headers.Contains("RateLimit"));
        Assert.True(answer.Headers.Contains("RateLimit-Policy"));
        answer.Dispose();
    }

    // The token is a secret: neither the table nor the cache may hold it, or a copy of the file opens every session.
    [Fact]
    public async Task OpenSession_Token_IsNotOnTheDisk()
    {
        var (_, session) = await host.NewPersonAsync();

        foreach (var file in Directory.GetFiles(host.Folder.Root, "sessions.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            Assert.DoesNotContain(session.Session!, await reader.ReadToEndAsync(), StringComparison.Ordinal);
        }
    }
}
