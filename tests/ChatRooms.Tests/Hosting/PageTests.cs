using System.Text.RegularExpressions;

namespace ChatRooms.Tests;

public sealed partial class PageTests(ChatHost host) : IClassFixture<ChatHost>
{
    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "wwwroot");

    [Fact]
    public async Task Page_IsServedWithAStrictPolicy()
    {
        using var answer = await host.NewClient().GetAsync(host.Server);

        answer.EnsureSuccessStatusCode();
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
    }

    [Fact]
    public void Page_HasNoInlineScriptStyleOrForeignAddress()
    {
        var html = File.ReadAllText(Path.Combine(Root, "index.html"));

        Assert.DoesNotMatch(InlineScript(), html);
        Assert.DoesNotMatch(InlineHandlerOrStyle(), html);
        Assert.DoesNotContain("http:", html, StringComparison.Ordinal);
        Assert.DoesNotContain("https:", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Scripts_NeverWriteMarkup()
    {
        foreach (var script in Directory.GetFiles(Path.Combine(Root, "js")))
        {
            var text = File.ReadAllText(script);
            Assert.DoesNotMatch(MarkupWriter(), CommentLine().Replace(text, ""));
        }
    }

    [Fact]
    public async Task Page_EveryFileThatItNames_IsServed()
    {
        var html = File.ReadAllText(Path.Combine(Root, "index.html"));
        var names = Reference().Matches(html).Select(match => match.Groups["name"].Value)
            .Concat(Directory.GetFiles(Path.Combine(Root, "js")).SelectMany(script => Import().Matches(File.ReadAllText(script)).Select(match => $"js/{match.Groups["name"].Value}")))
            .Distinct(StringComparer.Ordinal).ToArray();
        Assert.True(names.Length > 15);
        foreach (var name in names)
        {
            using var answer = await host.NewClient().GetAsync(new Uri(host.Server, name));
            Assert.True(answer.IsSuccessStatusCode, name);
        }
    }

    [GeneratedRegex("<script(?![^>]*\\ssrc=)", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex InlineScript();

    [GeneratedRegex("\\s(on\\w+|style)\\s*=", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex InlineHandlerOrStyle();

    [GeneratedRegex("innerHTML|outerHTML|insertAdjacentHTML|document\\.write|\\beval\\b|new Function", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex MarkupWriter();

    [GeneratedRegex("^\\s*//.*$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex CommentLine();

    [GeneratedRegex("(?:href|src)=\"(?<name>[^\"#][^\"]*)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Reference();

    [GeneratedRegex("from \"\\./(?<name>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Import();
}
