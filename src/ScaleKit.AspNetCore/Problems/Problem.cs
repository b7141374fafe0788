using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace ScaleKit.AspNetCore;

/// <summary>
/// A refusal as problem details (RFC 9457): through the application's own writer where it has one and the client accepts it, else plainly as JSON.
/// </summary>
internal sealed class Problem(int status, string title)
{
    private const string ContentType = "application/problem+json";

    public string? Type { get; init; }

    public string? Detail { get; init; }

    /// <summary>Seconds.</summary>
    public long? RetryAfter { get; init; }

    public string? ViolatedPolicy { get; init; }

    public string? Refusal { get; init; }

    public string? Cap { get; init; }

    public int? Position { get; init; }

    public string? Redirect { get; init; }

    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.Headers.CacheControl = "no-store";
        if (RetryAfter is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        var writer = context.RequestServices.GetService<IProblemDetailsService>();
        if (writer is not null
            && await writer.TryWriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = ToDetails() }).ConfigureAwait(false))
        {
            return;
        }

        response.ContentType = ContentType;
        await response.Body.WriteAsync(ToJson(), context.RequestAborted).ConfigureAwait(false);
    }

    private ProblemDetails ToDetails()
    {
        var details = new ProblemDetails { Status = status, Title = title, Type = Type, Detail = Detail };
        using var document = JsonDocument.Parse(ToJson());
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (property.Name is not ("type" or "title" or "status" or "detail"))
            {
                details.Extensions[property.Name] = property.Value.Clone();
            }
        }

        return details;
    }

    private byte[] ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteText(json, "type", Type);
            WriteText(json, "title", title);
            json.WriteNumber("status", status);
            WriteText(json, "detail", Detail);
            WriteNumber(json, "retryAfterSeconds", RetryAfter);
            WriteText(json, "refusal", Refusal);
            WriteText(json, "cap", Cap);
            WriteNumber(json, "position", Position);
            WriteText(json, "redirect", Redirect);
            if (ViolatedPolicy is not null)
            {
                json.WriteStartArray("violated-policies");
                json.WriteStringValue(ViolatedPolicy);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }
}
