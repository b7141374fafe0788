using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace ChatRooms.Tests;

/// <summary>What no well-meaning client sends: each gets a clear 4xx, and the server goes on.</summary>
public sealed class BadInputTests(ChatHost host) : IClassFixture<ChatHost>, IAsyncLifetime
{
    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>After every case a well-meaning person is served.</summary>
    public async Task DisposeAsync()
    {
        var (http, session) = await host.NewPersonAsync();
        using var answer = await http.SendAsync(ClientAnswers.Request(HttpMethod.Get, new Uri(host.Server, "api/rooms/amber-fox/messages"), session));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("null", 400)]
    [InlineData("[]", 400)]
    [InlineData("\"Ada\"", 400)]
    [InlineData("{", 400)]
    [InlineData("{\"nickname\":5}", 400)]
    [InlineData("{\"nickname\":null}", 400)]
    [InlineData("{}", 400)]
    [InlineData("{\"nickname\":\"\"}", 400)]
    [InlineData("{\"nickname\":\"<script>alert(1)</script>\"}", 400)]
    [InlineData("{\"nickname\":\"<img src=x onerror=alert(1)>\"}", 400)]
    [InlineData("{\"nickname\":\"../../etc/passwd\"}", 400)]
    [InlineData("{\"nickname\":\"a\\u0000b\"}", 400)]
    [InlineData("{\"nickname\":\"\\ud800\"}", 400)]
    [InlineData("{\"nickname\":\"' OR 1=1 --\"}", 400)]
    public async Task OpenSession_BadBody_IsAClearProblem(string body, int status)
    {
        using var answer = await PostSessionAsync(ClientAnswers.Json(body));

        var text = await answer.AssertProblemAsync(status);

        Assert.DoesNotContain("<script", text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task OpenSession_DeepJson_IsAClearProblem()
    {
        using var answer = await PostSessionAsync(ClientAnswers.Json(new string('[', 4000)));

        await answer.AssertProblemAsync(400);
    }

    [Fact]
    public async Task OpenSession_BinaryBody_IsAClearProblem()
    {
        var bytes = new byte[1000];
        new Random(1).NextBytes(bytes);
        using var answer = await PostSessionAsync(ClientAnswers.Bytes(bytes));

        await answer.AssertProblemAsync(400);
    }

    [Theory]
    [InlineData(5_000)]
    [InlineData(60_000)]
    public async Task OpenSession_LongBody_IsTooLarge(int length)
    {
        using var answer = await PostSessionAsync(ClientAnswers.Json($"{{\"nickname\":\"{new string('x', length)}\"}}"));

        await answer.AssertProblemAsync(413);
    }

    [Fact]
    public async Task OpenSession_HugeBody_IsTooLargeBeforeItIsRead()
    {
        using var request = ClientAnswers.Request(HttpMethod.Post, new Uri(host.Server, "api/sessions"), content: ClientAnswers.Bytes(new byte[20_000_000]));
        request.Headers.ExpectContinue = true;
        using var answer = await host.NewClient().SendAsync(request);

        await answer.AssertProblemAsync(413);
    }

    [Fact]
    public async Task OpenSession_NotJson_IsUnsupported()
    {
        using var answer = await PostSessionAsync(new StringContent("nickname=Ada", Encoding.UTF8, "application/x-www-form-urlencoded"));

        await answer.AssertProblemAsync(415);
    }

    [Theory]
    [InlineData("api/rooms/nowhere/messages", 404)]
    [InlineData("api/rooms/AMBER-FOX/messages", 404)]
    [InlineData("api/rooms/..%2f..%2fetc%2fpasswd/messages", 404)]
    [InlineData("api/rooms/%2e%2e/messages", 404)]
    [InlineData("api/rooms/amber-fox%00/messages", 400)]
    [InlineData("api/rooms/amber-fox%2f000000000001/messages", 404)]
    [InlineData("api/rooms/%3Cscript%3E/messages", 404)]
    [InlineData("api/rooms/amber-fox/messages?before=", 400)]
    [InlineData("api/rooms/amber-fox/messages?before=abc", 400)]
    [InlineData("api/rooms/amber-fox/messages?before=-5", 400)]
    [InlineData("api/rooms/amber-fox/messages?before=99999999999999999999", 400)]
    [InlineData("api/rooms/amber-fox/messages?before=1&before=2", 400)]
    [InlineData("api/rooms/amber-fox/messages?limit=0", 400)]
    [InlineData("api/rooms/amber-fox/messages?limit=101", 400)]
    [InlineData("api/rooms/amber-fox/messages?limit=many", 400)]
    [InlineData("api/rooms/amber-fox/messages?limit=2147483648", 400)]
    public async Task History_BadRequest_IsAClearProblem(string path, int status)
    {
        var (http, session) = await host.NewPersonAsync();
        using var answer = await http.SendAsync(ClientAnswers.Request(HttpMethod.Get, new Uri(host.Server, path), session));

        // What the server itself refuses to parse never reaches the application, so it has no body.
        if (status == 400 && path.Contains("%00", StringComparison.Ordinal))
            Assert.InRange((int)answer.StatusCode, 400, 499);
        else
            await answer.AssertProblemAsync(status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer x")]
    [InlineData("Bearer AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Bearer ../../../../../../../a")]
    [InlineData("Basic QWRhOmFkYQ==")]
    public async Task History_WithoutASession_IsUnauthorized(string? header)
    {
        using var request = ClientAnswers.Request(HttpMethod.Get, new Uri(host.Server, "api/rooms/amber-fox/messages"));
        if (header is not null)
            request.Headers.TryAddWithoutValidation("Authorization", header);
        using var answer = await host.NewClient().SendAsync(request);

        await answer.AssertProblemAsync(401);
    }

    [Theory]
    [InlineData("GET", "api/nothing", 404)]
    [InlineData("GET", "ws", 426)]
    [InlineData("POST", "api/rooms", 405)]
    [InlineData("PUT", "api/sessions", 405)]
    [InlineData("GET", "css/..%2f..%2fappsettings.json", 404)]
    [InlineData("GET", "..%2fappsettings.json", 404)]
    [InlineData("GET", "appsettings.json", 404)]
    public async Task AnyPath_ThatIsNotThere_IsAClearProblem(string method, string path, int status)
    {
        using var answer = await host.NewClient().SendAsync(ClientAnswers.Request(new HttpMethod(method), new Uri(host.Server, path)));

        await answer.AssertProblemAsync(status);
    }

    [Theory]
    [InlineData("api/switches/Nothing", "{\"enabled\":false}", 404)]
    [InlineData("api/switches/..%2f", "{\"enabled\":false}", 404)]
    [InlineData("api/switches/Caching", "{}", 400)]
    [InlineData("api/switches/Caching", "{\"enabled\":\"no\"}", 400)]
    [InlineData("api/switches/Caching", "", 400)]
    [InlineData("api/migration", "{\"to\":\"G\"}", 400)]
    [InlineData("api/migration", "{\"to\":\"\"}", 400)]
    [InlineData("api/migration", "{\"to\":\"AB\"}", 400)]
    [InlineData("api/migration", "{\"to\":\"A\"}", 409)]
    [InlineData("api/migration", "[]", 400)]
    public async Task Operator_BadRequest_IsAClearProblem(string path, string body, int status)
    {
        using var answer = await host.NewClient().PostAsync(new Uri(host.Server, path), ClientAnswers.Json(body));

        await answer.AssertProblemAsync(status);
    }

    [Theory]
    [InlineData("api/migration")]
    [InlineData("api/switches/Caching")]
    public async Task Operator_FromAnotherSitesPage_IsForbidden(string path)
    {
        using var request = ClientAnswers.Request(HttpMethod.Post, new Uri(host.Server, path), content: ClientAnswers.Json("{\"enabled\":false}"));
        request.Headers.Add("Origin", "http://elsewhere.example");
        using var answer = await host.NewClient().SendAsync(request);

        await answer.AssertProblemAsync(403);
    }

    [Fact]
    public async Task Migration_AsAPlainForm_IsUnsupported()
    {
        using var content = new StringContent("a=b");
        content.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        using var answer = await host.NewClient().PostAsync(new Uri(host.Server, "api/migration"), content);

        await answer.AssertProblemAsync(415);
    }

    private Task<HttpResponseMessage> PostSessionAsync(HttpContent content) => host.NewClient().PostAsync(new Uri(host.Server, "api/sessions"), content);
}
