using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ScaleKit.AspNetCore.Tests;

public sealed class ProblemTests
{
    [Fact]
    public async Task Refusal_ApplicationCustomizesProblems_IsWrittenItsWay()
    {
        await using var app = await TestApp.StartAsync(
            services =>
            {
                TestApp.Limits(("posts", 1, 60))(services);
                services.AddProblemDetails(options => options.CustomizeProblemDetails = context => context.ProblemDetails.Extensions["node"] = "n1");
            },
            app => app.MapGet("/", () => "").RequireRateLimit("posts"));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/"));
        using var refused = await app.GetAsync("/");
        var problem = await refused.ProblemAsync();
        Assert.Equal("n1", problem.GetProperty("node").GetString());
        Assert.Equal("posts", problem.GetProperty("violated-policies")[0].GetString());
        Assert.Equal(60, problem.GetProperty("retryAfterSeconds").GetInt64());
        Assert.Equal("no-store", refused.Field("Cache-Control"));
    }

    [Fact]
    public async Task Refusal_ClientAcceptsOnlyHtml_StillGetsTheStatusAndTheBody()
    {
        await using var app = await TestApp.StartAsync(
            services =>
            {
                TestApp.Limits(("posts", 1, 60))(services);
                services.AddProblemDetails();
            },
            app => app.MapGet("/", () => "").RequireRateLimit("posts"));
        app.Client.DefaultRequestHeaders.Add("Accept", "text/html");
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/"));
        using var refused = await app.GetAsync("/");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("Too many requests", (await refused.ProblemAsync()).GetProperty("title").GetString());
    }
}
